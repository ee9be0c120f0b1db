"""Two answers to one request side by side, or one under the other, with what differs marked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from itertools import islice, zip_longest

import msgspec
from textual.content import Content

from batchtui.domain.result import Message, ResultLine
from batchtui.domain.text import count, crop_middle, safe_line
from batchtui.results.index import Row as IndexRow
from batchtui.ui.presenters.blocks import Look, block_rows, runs
from batchtui.ui.presenters.flow import Row, wrap
from batchtui.ui.presenters.json_lines import structured
from batchtui.ui.presenters.prose import plain_rows
from batchtui.ui.presenters.result import result_rows
from batchtui.ui.presenters.result_row import result_look
from batchtui.ui.presenters.state import LOUD, QUIET

Patience = Callable[[], bool]
"""Whether there is time left to look more closely."""

MOST_ROWS = 3_000
"""Answers of more rows are shown without marks: to find what differs would take too long."""

MOST_WORDS = 400
"""Lines of more words are marked as a whole."""

ALIKE = 0.4
"""Lines less alike than this are marked as a whole: single words in common mean nothing then."""

SIDE_BY_SIDE = 100
"""From this width on (cells) two sides stand beside each other."""

LEFT, RIGHT = "bold underline $error", "bold underline $success"
"""Styles of what only one side has."""

# Every ideograph is a word: there are no spaces to tell them by.
_WORDS = re.compile(r"\s*(?:[\u2e80-\ud7ff\uf900-\uffee]|[^\W\u2e80-\ud7ff\uf900-\uffee]+|\S)|\s+")


class Pair(msgspec.Struct, frozen=True):
    """What stands beside each other; None where one side has nothing.

    Attributes:
        differs: whether the two are different, as far as that was looked at.
    """

    left: Row | None
    right: Row | None
    differs: bool = False


class Comparison(msgspec.Struct, frozen=True):
    """What two answers have in common.

    Attributes:
        same: whether they are the same; None if that was not looked at.
    """

    pairs: Sequence[Pair]
    same: bool | None

    @property
    def words(self) -> str:
        """The same in words."""
        if self.same is None:
            return "too long to compare, shown without marks"
        differing = sum(pair.differs for pair in self.pairs)
        lines = "1 line differs" if differing == 1 else f"{count(differing)} lines differ"
        return "the same" if self.same else lines


def comparable(result: ResultLine, line: bytes, look: Look) -> list[Row]:
    """What of a result is compared: what it says, not what it cost; at most a row too many."""
    if look.raw or result.message is None:
        return list(islice(result_rows(result, line, look), MOST_ROWS + 1))
    return list(islice(_content(result.message, look), MOST_ROWS + 1))


def _content(message: Message, look: Look) -> Iterator[Row]:
    for texts, others in runs(message.content):
        if text := "".join(block.text for block in texts):
            # As it was written, since the marks of Markdown may be what differs.
            laid_out = structured(text)
            yield from plain_rows(text) if laid_out is None else laid_out
        for block in others:
            yield from block_rows(block, look)
    if not message.content:
        yield Row(Content.styled("The answer is empty.", QUIET))


def compare(left: Sequence[Row], right: Sequence[Row], patience: Patience) -> Comparison:
    """Find what differs between two answers, line by line and then word by word.

    Args:
        left: the rows of one.
        right: the rows of the other.
        patience: asked before every look at the words of a line; without any left, lines are
            marked as a whole.
    """
    if max(len(left), len(right)) > MOST_ROWS:
        return Comparison([Pair(*pair) for pair in zip_longest(left, right)], None)
    pairs: list[Pair] = []
    matcher = SequenceMatcher(None, list(map(_plain, left)), list(map(_plain, right)))
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        both = zip_longest(left[start:end], right[other_start:other_end])
        if kind == "equal":
            pairs += (Pair(*pair) for pair in both)
        else:
            pairs += (_marked(one, other, patience) for one, other in both)
    return Comparison(pairs, not any(pair.differs for pair in pairs))


def _plain(row: Row) -> str:
    return row.first.plain + row.content.plain


def _marked(left: Row | None, right: Row | None, patience: Patience) -> Pair:
    """A pair with the words that differ marked, if it makes sense to look at them."""
    if left is None or right is None:
        return Pair(_wholly(left, LEFT), _wholly(right, RIGHT), differs=True)
    ours, theirs = _WORDS.findall(left.content.plain), _WORDS.findall(right.content.plain)
    if max(len(ours), len(theirs)) <= MOST_WORDS and patience():
        matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
        if matcher.quick_ratio() >= ALIKE:
            blocks = matcher.get_opcodes()
            spans = [(a, b, c, d) for kind, a, b, c, d in blocks if kind != "equal"]
            return Pair(
                _spanned(left, ours, [(a, b) for a, b, _, _ in spans], LEFT),
                _spanned(right, theirs, [(c, d) for _, _, c, d in spans], RIGHT),
                differs=True,
            )
    return Pair(_wholly(left, LEFT), _wholly(right, RIGHT), differs=True)


def _wholly(row: Row | None, style: str) -> Row | None:
    return row and msgspec.structs.replace(row, content=row.content.stylize(style))


def _spanned(row: Row, words: Sequence[str], spans: Sequence[tuple[int, int]], style: str) -> Row:
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word))
    content = row.content
    for first, end in spans:
        text = content.plain[starts[first] : starts[end]]
        # A word has the space before it, which is none of what differs.
        begin = starts[end] - (len(text.lstrip()) or len(text))
        if text:
            content = content.stylize(style, begin, starts[end])
    return msgspec.structs.replace(row, content=content)


# How it is laid out


def comparison_lines(comparison: Comparison, width: int) -> Iterator[Content]:
    """The two answers as lines of at most `width` cells."""
    if width >= SIDE_BY_SIDE:
        yield from _side_by_side(comparison, width)
    else:
        yield from _stacked(comparison, width)


def _side_by_side(comparison: Comparison, width: int) -> Iterator[Content]:
    half = (width - 3) // 2
    for pair in comparison.pairs:
        sign = Content.styled(f" {_sign(pair)} ", LOUD if pair.differs else QUIET)
        left = wrap([pair.left], half) if pair.left else iter(())
        right = wrap([pair.right], half) if pair.right else iter(())
        for one, other in zip_longest(left, right, fillvalue=Content("")):
            pad = " " * (half - one.cell_length)
            yield Content.assemble(one, pad, sign, other)
            sign = Content.styled(" │ ", QUIET)


def _sign(pair: Pair) -> str:
    if not pair.differs:
        return "│"
    if pair.left is None:
        return "›"
    return "‹" if pair.right is None else "≠"


def _stacked(comparison: Comparison, width: int) -> Iterator[Content]:
    """What both have once, the rest one under the other with a sign for its side.

    Without marks all of one comes first.
    """
    if comparison.same is None:
        for sign, rows in (
            ("‹ ", (pair.left for pair in comparison.pairs)),
            ("› ", (pair.right for pair in comparison.pairs)),
        ):
            for row in rows:
                yield from _signed(row, sign, width)
        return
    held: list[Row] = []
    for pair in comparison.pairs:
        if not pair.differs:
            for row in held:
                yield from _signed(row, "› ", width)
            held = []
            yield from _signed(pair.left, "  ", width)
            continue
        yield from _signed(pair.left, "‹ ", width)
        held += [pair.right] if pair.right else []
    for row in held:
        yield from _signed(row, "› ", width)


def _signed(row: Row | None, sign: str, width: int) -> Iterator[Content]:
    if row is None:
        return
    bar = Content.styled(sign, QUIET if sign.isspace() else LOUD)
    first, hang = Content.assemble(bar, row.first), Content.assemble(bar, row.hang)
    yield from wrap([msgspec.structs.replace(row, first=first, hang=hang)], width)


# Above it


def told_apart(names: tuple[str, str], created: tuple[datetime, datetime]) -> tuple[str, str]:
    """Names of two batches; with the day, or else the time, of their creation if they are one."""
    left, right = names
    for form in ("%d %b", "%d %b %H:%M"):
        if left == right:
            left, right = (f"{name} {at:{form}}" for name, at in zip(names, created, strict=True))
    return left, right


def heads(
    names: tuple[str, str], rows: tuple[IndexRow, IndexRow | None], width: int
) -> list[Content]:
    """How each of the two came out, what differs loud.

    Args:
        names: what to call the batches.
        rows: what the indexes say; None if the other batch lacks the request.
        width: cells.
    """
    facts = [_facts(row) for row in rows]
    wide = width >= SIDE_BY_SIDE
    room = (width - 3) // 2 if wide else width - 2
    name_room = room if wide else max(room // 3, 8)
    named = [Content.styled(crop_middle(safe_line(name), name_room), "bold") for name in names]
    said = [
        Content(" · ").join(
            Content.styled(fact, QUIET if fact == other else LOUD)
            for fact, other in zip_longest(mine, theirs, fillvalue="")
            if fact
        )
        for mine, theirs in (facts, facts[::-1])
    ]
    if wide:
        return [_halves(named, room), _halves(said, room)]
    pairs = zip(("‹ ", "› "), named, said, strict=True)
    return [Content.assemble((sign, LOUD), name, "  ", words) for sign, name, words in pairs]


def _halves(sides: Sequence[Content], room: int) -> Content:
    left, right = (side.truncate(room, ellipsis=True) for side in sides)
    return Content.assemble(left, " " * (room - left.cell_length), (" │ ", QUIET), right)


def _facts(row: IndexRow | None) -> list[str]:
    if row is None:
        return ["not in this batch", "", "", ""]
    look = result_look(row.type)
    tokens = f"out {count(row.usage.output_tokens)}" if row.usage.output_tokens else ""
    return [
        f"{look.glyph} {look.word}",
        safe_line(row.stop_reason or row.error_type, 40),
        safe_line(row.model, 40),
        tokens,
    ]
