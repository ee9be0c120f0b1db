"""What the demo's batches are about: a few jobs, each with sentences that recombine into answers.

`{subject}`, `{place}` and `{count}` in a sentence are filled in from the lists of its theme.
"""

import msgspec


class Theme(msgspec.Struct, frozen=True):
    """One kind of job.

    Attributes:
        prefix: Start of every custom_id.
        model: The resolved model that answers.
        others: Models that answer some of the requests instead.
        paragraphs: Least and greatest number of paragraphs of an answer.
        thinks: Whether answers begin with a thinking block.
        inference_geo: Where the models run.
    """

    prefix: str
    model: str
    paragraphs: tuple[int, int]
    openings: tuple[str, ...]
    bodies: tuple[str, ...]
    closings: tuple[str, ...]
    subjects: tuple[str, ...]
    places: tuple[str, ...]
    thinks: bool = False
    others: tuple[str, ...] = ()
    inference_geo: str = "global"


TICKETS = Theme(
    prefix="ticket",
    model="claude-haiku-5-5",
    paragraphs=(1, 3),
    openings=(
        "**Category:** {subject}\n**Urgency:** normal",
        "**Category:** {subject}\n**Urgency:** high, the customer is blocked",
        "**Category:** {subject}\n**Urgency:** low",
        "This is about *{subject}*, reported from {place}.",
    ),
    bodies=(
        "The customer describes a problem with {subject} that began {count} days ago. They have "
        "already restarted the app and tried another browser, so the usual first steps can be "
        "skipped.",
        "Two things are mixed up in this message. The first is {subject}, which support can solve "
        "at once. The second is a wish for a new feature and belongs on the product list.",
        "What we know so far:\n\n- it happens only in {place}\n- about {count} orders are concerned"
        "\n- the status page showed no incident at that time",
        "The tone is friendly but tired: {count} messages about {subject} so far. A personal "
        "reply from the same colleague as last time would help more than another form letter.",
        "Nothing was lost. The payment went through once, and the second entry in the list is a "
        "reservation that the bank releases within {count} working days.",
        "The attached screenshot shows the settings page of {place} with an old address. Updating "
        "it there also updates the invoices, which answers the second half of the question.",
        "Similar tickets: {count} this week, all about {subject}, all after the update on Tuesday. "
        "It is worth telling the team on call.",
    ),
    closings=(
        "**Suggested reply:** thank them, confirm the fix, and offer the refund.",
        "**Next step:** hand over to billing with a link to the order.",
        "**Next step:** ask for the order number, nothing else is missing.",
        "**Suggested reply:** explain the two entries and name the date of the release.",
    ),
    subjects=("billing", "a late delivery", "signing in", "a double charge", "the mobile app"),
    places=("the web shop", "the Lisbon store", "the account page", "the partner portal"),
)

REVIEWS = Theme(
    prefix="review",
    model="claude-sonnet-5-5",
    paragraphs=(2, 5),
    openings=(
        "## Summary\n\nThe change to `{subject}` is sound and small enough to review in one go.",
        "## Summary\n\nOne thing in `{subject}` needs another look before this can be merged.",
        "## Summary\n\nGood idea, and the tests show it. The naming in `{subject}` can be clearer.",
    ),
    bodies=(
        "The loop in `{subject}` reads the whole file to find one line. Reading it piece by piece "
        "keeps memory flat:\n\n```python\nwith path.open('rb') as file:\n    for piece in iter("
        "lambda: file.read(65536), b''):\n        scan(piece)\n```",
        "`{place}` is called with the lock held and waits for the network in there. Take the value "
        "out first, release the lock, then call.",
        "There are {count} branches here and {count} tests, but none for the empty list. That is "
        "the case that failed last time.",
        "The error message names the function, which means nothing to the person who reads it. Say "
        "what could not be read and what to do about it.",
        "- `{subject}`: the default is evaluated once, use `None`\n- `{place}`: can be frozen\n"
        "- line {count}: this comment repeats the code",
        "A small thing: `retry` sleeps *before* the first attempt. Moving the sleep to the end of "
        "the loop saves half a second on every call.",
    ),
    closings=(
        "**Verdict:** approve once the empty case has a test.",
        "**Verdict:** approve.",
        "**Verdict:** please change the locking, the rest is fine.",
    ),
    subjects=("parser.py", "history/store.py", "poller.py", "export_rows", "index.rs"),
    places=("flush()", "Account.refresh", "open_results", "render_line"),
    thinks=True,
)

CATALOG = Theme(
    prefix="sku",
    model="claude-haiku-4-5-20251001",
    paragraphs=(1, 2),
    openings=(
        "# {subject}",
        "# {subject}, made in {place}",
    ),
    bodies=(
        "Cut from solid oak and finished by hand with linseed oil, the {subject} grows more "
        "beautiful with every year of use. Each piece is numbered, and {count} of them are made a "
        "month.",
        "Light enough for a day trip and sturdy enough for a winter in {place}: the {subject} "
        "weighs under a kilogram and takes whatever you put into it.",
        "- size: {count} x 42 cm\n- made in {place}\n- two years of warranty, spare parts for ten",
        "The {subject} comes flat in a box that fits through the letter slot. No tools are needed, "
        "and {count} minutes are enough to put it together.",
        "Goes well with everything in the {place} line. Wipe clean with a damp cloth.",
    ),
    closings=("*Ships within two days.*", "*New this season.*"),
    subjects=("Walnut side table", "Canvas weekender", "Enamel kettle", "Wool throw", "Desk lamp"),
    places=("Porto", "Kyoto", "the Jura", "Gotland"),
)

PAPERS = Theme(
    prefix="paper",
    model="claude-opus-5-5",
    inference_geo="us",
    paragraphs=(3, 7),
    openings=(
        "**In one sentence:** the authors measure {subject} in {place} and find less of it than "
        "expected.",
        "**In one sentence:** a careful replication of an earlier result about {subject}, with "
        "{count} times the sample.",
    ),
    bodies=(
        "The method is plain and well described: {count} sites in {place}, sampled twice a year, "
        "with the same instruments throughout. The authors publish the raw data, which makes the "
        "paper more useful than its abstract suggests.",
        "The main result is a decline in {subject} of about {count} per cent over the decade. The "
        "interval is wide, and the text says so. A reader in a hurry will remember the number and "
        "not the interval.",
        "Three limits are worth naming.\n\n1. The northern sites were added late.\n2. Weather is "
        "controlled for by one variable only.\n3. The analysis of {subject} was not registered "
        "beforehand.",
        "Compared with earlier work from {place}, the effect has the same sign and half the size. "
        "That is what one would expect if the earlier studies were published because they found "
        "something.",
        "The discussion is modest. It offers two explanations, prefers neither, and proposes an "
        "experiment that could tell them apart within {count} months.",
        "For our question the appendix matters most: table {count} gives {subject} by site, and "
        "that is exactly the breakdown the review needs.",
        "The code runs. With the published data it reproduces figures 1 to 4; figure 5 differs in "
        "the third decimal, which a note on the seed would explain.",
    ),
    closings=(
        "**Include in the review:** yes, with weight on the replication.",
        "**Include in the review:** yes.",
        "**Include in the review:** no, the outcome is a different one.",
    ),
    subjects=("pollinator visits", "night-time light", "groundwater level", "reading time"),
    places=("southern Sweden", "the Mekong delta", "four Alpine valleys", "Nova Scotia"),
    thinks=True,
)

SURVEY = Theme(
    prefix="answer",
    model="claude-haiku-5-5",
    paragraphs=(1, 2),
    openings=("Sentiment: positive.", "Sentiment: mixed.", "Sentiment: negative."),
    bodies=(
        "The respondent likes {subject} and would recommend it, but gave up on {place} after "
        "{count} attempts.",
        "Main wish: {subject}. Second wish: fewer mails. Both were named by {count} others from "
        "{place}.",
        "Short and clear: more {subject}, less waiting. Nothing to follow up.",
        "The answer is about {place} rather than about the question. Coded as *other*.",
    ),
    closings=("Language: Portuguese.", "Language: English.", "Language: Japanese, 日本語."),
    subjects=("the search", "the new menu", "opening hours", "the printed catalogue"),
    places=("the checkout", "the help pages", "the branch office"),
)

EVALS = Theme(
    prefix="eval-case",
    model="claude-fable-5-2",
    others=("claude-opus-5-5", "claude-haiku-5-5", "claude-mythos-preview"),
    paragraphs=(8, 10),
    openings=(
        "Let us take the three claims about {subject} in turn.",
        "Both answers get {subject} right; they differ in what they leave out.",
    ),
    bodies=(
        "Claim {count} holds. The source gives the figure for {place}, the answer repeats it with "
        "the right unit, and the rounding is stated. There is nothing to add and nothing to object "
        "to, which after {count} cases is worth saying aloud.",
        "The second answer is longer and reads better, yet it never says where {subject} comes "
        "from. A grader who rewards fluency will prefer it; a grader who has to act on it will "
        "not. The rubric asks for the second kind of grader.",
        "Here the two part ways. Answer A treats {place} as an exception and explains why. Answer "
        "B applies the general rule, arrives at a number, and does not notice that the number "
        "cannot be right: it is larger than the total given {count} lines earlier.",
        "A point for honesty: answer A says that it is not certain about {subject}, names what "
        "would settle it, and does not pad the uncertainty with examples.",
        "| criterion | A | B |\n|---|---|---|\n| correct | 4 | 3 |\n| complete | 3 | 4 |\n"
        "| sources | 5 | 2 |",
        "What neither answer mentions is the footnote. For {place} the figures before {subject} "
        "were changed are not comparable with those after, and both draw a line through the two. "
        "It costs each of them a point, and the same point, so the order stays as it is.",
        "I tried to argue the other way and could not. The best case for B is that a reader from "
        "{place} would know the exception anyway; but then the answer should have been {count} "
        "words long and not three hundred.",
        "Asked for {subject}, answer A gives a range and answer B a number. The range is right and "
        "the number is inside it. Whether that counts as the same answer is decided differently "
        "in {place}, so both readings are recorded and the milder one is scored.",
        "```text\nA: 4 + 3 + 5 = 12\nB: 3 + 4 + 2 = 9\n```\n\nThe weights of the rubric do not "
        "change this: with {subject} counted twice it is {count} to a little less.",
        "On style there is little between them. Both are free of filler, both use lists where a "
        "list helps, and both stop when they are done, which is rarer than it should be in the "
        "{count} pairs seen so far.",
    ),
    closings=("**Preferred:** A.", "**Preferred:** B, by a little.", "**Preferred:** neither."),
    subjects=("the tide tables", "the tax brackets", "the vaccine schedule", "the rail timetable"),
    places=("Brittany", "the canton of Uri", "Tasmania", "the Faroe Islands"),
)

THEMES = (TICKETS, REVIEWS, CATALOG, PAPERS, SURVEY, EVALS)
