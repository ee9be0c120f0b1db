"""What the requests of the demo's batches may have been: prompts that fit the answers."""

from base64 import b64encode
from collections.abc import Iterable, Iterator

from batchtui.simulator.message import encode
from batchtui.simulator.prose import PAPERS, REVIEWS, SURVEY, TICKETS, Theme

_SYSTEMS = {
    TICKETS.prefix: "You sort support tickets. Name category and urgency, then suggest a reply.",
    REVIEWS.prefix: "You review pull requests: correctness first, then clarity. Be brief.",
    PAPERS.prefix: "You summarise papers for readers who will not read them. Name the limits.",
}
_SYSTEM = "Answer in the language of the question, and say so where you are not sure."

_ASKED = {
    TICKETS.prefix: (
        "Hello, it is about {subject} again. Since I wrote to you from {place} nothing has "
        "changed. I have restarted everything twice. Can somebody please look at it?",
        "Good morning,\n\nI have a question about {subject}. It began after the update, and so "
        "far only in {place}.\n\nThank you!",
    ),
    REVIEWS.prefix: ("Please review this change to `{subject}`; it is used by `{place}`.",),
    PAPERS.prefix: ("Summarise this paper on {subject} in {place}.",),
}
_QUESTIONS = ("What is known about {subject}, and does it differ in {place}?",)

TRIAL = 60
"""Requests of the file to try sending with."""
_WISHES = {b"simulate-once:overloaded_error": 13, b"simulate:max_tokens": 25}
"""What is asked of the simulator, and of which requests: every thirteenth, for one."""

_PAPER_BYTES = 1_500


def request_lines(theme: Theme, numbers: Iterable[int]) -> Iterator[bytes]:
    """The lines of a request file, with these numbers in the custom_ids."""
    for number in numbers:
        custom_id = f"{theme.prefix}-{number:05}"
        yield encode({"custom_id": custom_id, "params": _params(theme, number)}) + b"\n"


def trial_lines() -> Iterator[bytes]:
    """The lines of a request file to try sending with: some of it needs to be sent again."""
    for number, line in enumerate(request_lines(SURVEY, range(TRIAL))):
        wish = next((wish for wish, every in _WISHES.items() if number % every == every - 1), None)
        yield line if wish is None else line.replace(b'"}]', b' (%s)"}]' % wish, 1)


def _params(theme: Theme, index: int) -> dict[str, object]:
    templates = _ASKED.get(theme.prefix, _QUESTIONS)
    words = templates[index % len(templates)].format(
        subject=theme.subjects[index % len(theme.subjects)],
        place=theme.places[index // 2 % len(theme.places)],
    )
    content: list[dict[str, object]] = [{"type": "text", "text": words}]
    if theme is PAPERS:
        content.insert(0, _paper(index))
    return {
        "model": theme.model,
        "max_tokens": 2048,
        "system": _SYSTEMS.get(theme.prefix, _SYSTEM),
        "messages": [{"role": "user", "content": content}],
    }


def _paper(index: int) -> dict[str, object]:
    data = b64encode(b"%PDF-1.7\n" + b"simulated " * (_PAPER_BYTES // 10 + index % 50)).decode()
    return {
        "type": "document",
        "title": f"paper-{index:05}.pdf",
        "source": {"type": "base64", "media_type": "application/pdf", "data": data},
    }
