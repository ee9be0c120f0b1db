"""The live panel of one batch or job: how it is doing, in three sizes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final

from textual.content import Content

from batchtui.domain.batch import Outcome
from batchtui.domain.job_record import JobRecord
from batchtui.domain.progress import rates
from batchtui.domain.text import cell_width, clock, count, crop, crop_middle, pad, safe_line
from batchtui.ui.presenters import facts, jobs
from batchtui.ui.presenters.bars import progress_bar, sparkline
from batchtui.ui.presenters.facts import Subject
from batchtui.ui.presenters.state import QUIET, look, mark
from batchtui.ui.widgets.canvas import Titles

WIDE: Final = 90
"""From this width on (cells) the panel says all it knows, given the height."""

_TALL: Final = 8
_BAR: Final = 40
_LABEL: Final = 12
_FACT: Final = 46
_ID: Final = _LABEL + _FACT
_NUMBER: Final = 9

Group = Sequence[Content]
"""Lines that belong together."""


def panel_titles(subject: Subject, width: int) -> Titles:
    """What stands in the frame of the panel: name, state, age."""
    seen = look(subject.record)
    became = mark(subject.record)
    words = f"{seen.glyph} {seen.word} {facts.age(subject)}{' · ' if became else ''}{became}"
    state = Content.styled(words, seen.style)
    return Titles(top=_name(subject, width - state.cell_length - 10), top_right=state)


def tile_titles(subject: Subject, width: int, *, here: bool = False) -> Titles:
    """The same for a tile, where a running batch needs no word; a sign says that keys act here."""
    seen = look(subject.record)
    word = "" if _unhurried(subject) else f"{seen.word} "
    state = Content.styled(f"{seen.glyph} {word}{facts.age(subject)}", seen.style)
    cursor = "▌ " if here else ""
    name = _name(subject, width - state.cell_length - 10 - cell_width(cursor))
    return Titles(top=cursor + name, top_right=state)


def panel(subject: Subject, width: int, height: int) -> tuple[Content, ...]:
    """The panel, in the fullest form that suits the cells it has."""
    if width >= WIDE and height >= _TALL:
        return _spread(_wide(subject, width - 2), height)
    return _spread([list(_narrow(subject, width - 2))], height)


def tile(subject: Subject, width: int, height: int) -> tuple[Content, ...]:
    """The panel as a tile among others."""
    return _spread(list(_tile(subject, width - 2)), height)


def _wide(subject: Subject, width: int) -> list[Group]:
    """The full form; each line keeps its place, so that little is repainted from batch to batch."""
    record = subject.record
    ends, results = facts.ends(subject), facts.results(subject)
    if _unhurried(subject):
        outlook = [_usual(subject), _pair("deadline", ends, "results", results)]
    else:
        outlook = [
            _pair("deadline" if record.running else "time", ends),
            _pair("results", results),
        ]
    return [
        [_identity(subject)],
        [*_first(_headline(subject, width, _BAR)), _quiet(facts.explanation(subject))],
        [_counts(subject), *_first(chain(_pace(subject, width), _batches(subject)))],
        [*outlook, _pair("note", safe_line(record.note)) if record.note else Content()],
    ]


def _narrow(subject: Subject, width: int) -> Iterator[Content]:
    record = subject.record
    yield from _headline(subject, width, width)
    if not _unhurried(subject):
        yield _quiet(facts.explanation(subject))
    yield _tally(subject)
    yield from chain(_pace(subject, width), _batches(subject))
    ends, results = facts.ends(subject), f"results {facts.results(subject)}"
    yield Content(" · ".join(part for part in (ends, results) if part))
    if record.note:
        yield Content.assemble(("note  ", QUIET), safe_line(record.note))
    if _unhurried(subject):
        yield _like(subject)


def _tile(subject: Subject, width: int) -> Iterator[Group]:
    record = subject.record
    unhurried = _unhurried(subject)
    why = [] if unhurried else [_quiet(line) for line in _wrap(facts.explanation(subject), width)]
    yield [*_headline(subject, width, width), *why]
    last = facts.ends(subject) if record.running else f"results {facts.results(subject)}"
    yield [
        _tally(subject),
        *_pace(subject, width),
        *_batches(subject),
        *([_like(subject)] if unhurried else ()),
        Content(last),
    ]


def _unhurried(subject: Subject) -> bool:
    """Whether it runs towards its own end, as those before it did."""
    record = subject.record
    if isinstance(record, JobRecord) and record.job.unsent:
        return False
    return record.running and record.batch.outcome is Outcome.RUNNING


def _name(subject: Subject, width: int) -> str:
    record = subject.record
    pin = "◆ " if record.pinned else ""
    what = f" · job of {jobs.batches_of(record)}" if isinstance(record, JobRecord) else ""
    room = width - cell_width(pin) - cell_width(what)
    return pin + crop_middle(safe_line(record.name), max(room, 6)) + what


def _identity(subject: Subject) -> Content:
    record = subject.record
    seen = clock(record.last_seen_at.astimezone(subject.now.tzinfo))
    what = record.request_file if isinstance(record, JobRecord) else record.id
    ident = pad(crop_middle(safe_line(what), _ID), _ID)
    return Content.assemble(ident, (f"  created {facts.created(subject)} · seen {seen}", QUIET))


def _headline(subject: Subject, width: int, most: int) -> Iterator[Content]:
    """The bar and what it says; just the words if there is nothing to measure."""
    done = subject.progress
    if subject.record.running and subject.record.batch.outcome is Outcome.CANCELING:
        yield Content(facts.canceling_since(subject))
        return
    bar = progress_bar(done, min(most, width - cell_width(done.sentence) - 2))
    if bar:
        yield Content.assemble(bar, "  ", done.sentence)
    elif done.sentence:
        yield Content(done.sentence)


def _counts(subject: Subject) -> Content:
    """The five counts with their names, each in its place whatever the numbers are."""
    batch = subject.record.batch
    counts = batch.request_counts
    known = not batch.running or batch.counts_move
    parts: list[tuple[str, str]] = []
    for name, number in (
        ("processing", jobs.processing(subject.record)),
        ("succeeded", counts.succeeded),
        ("errored", counts.errored),
        ("canceled", counts.canceled),
        ("expired", counts.expired),
    ):
        text = count(number) if known or name == "processing" else "·"
        parts += [(f"{name} ", QUIET), (f"{text:<{_NUMBER}} ", "")]
    return Content.assemble(*parts)


def _tally(subject: Subject) -> Content:
    """The five counts in short."""
    record = subject.record
    counts, processing = record.batch.request_counts, jobs.processing(record)
    is_job = isinstance(record, JobRecord)
    if record.batch.running and not record.batch.counts_move:
        if is_job and not processing:
            return Content(f"{count(counts.total)} requests")
        comes = f"counts come when {'a' if is_job else 'the'} batch ends"
        why = comes if record.on_server else "when last seen"
        return Content.assemble(f"{count(processing)} processing", (f" · {why}", QUIET))
    left = f"{count(processing)} processing  " if processing else ""
    return Content(
        f"{left}{count(counts.succeeded)} ✓  {count(counts.errored)} ✗  "
        f"{count(counts.canceled)} ⊘  {count(counts.expired)} ◷"
    )


def _batches(subject: Subject) -> Iterator[Content]:
    """How the batches of a job stand."""
    if isinstance(subject.record, JobRecord):
        yield _pair("batches", jobs.standing(subject.record))


def _pace(subject: Subject, width: int) -> Iterator[Content]:
    """How fast requests are finished, if that can be said."""
    said = facts.pace(subject)
    if subject.record.running and subject.record.batch.counts_move and said:
        sparks = sparkline(rates(subject.observations, min(24, width - 20)), width)
        yield Content.assemble(("rate  ", QUIET), (sparks, "$accent"), f"  {said}")


def _usual(subject: Subject) -> Content:
    if subject.forecast is None:
        return _pair("like these", facts.NO_PAST)
    return _pair("like these", facts.usual(subject.forecast), "by now", facts.ended_by_now(subject))


def _like(subject: Subject) -> Content:
    return Content.assemble(("like these  ", QUIET), facts.usual(subject.forecast))


def _pair(label: str, text: str, second: str = "", more: str = "") -> Content:
    """A fact with its name, and perhaps another beside it, each in its place."""
    if not more:
        return Content.assemble((f"{label:<{_LABEL}}", QUIET), text)
    return Content.assemble(
        (f"{label:<{_LABEL}}", QUIET),
        pad(text, _FACT),
        "  ",
        (f"{second:<{_LABEL - 3}}", QUIET),
        more,
    )


def _first(lines: Iterator[Content]) -> Group:
    """The first of the lines, or a blank one: one line in any case."""
    return (next(lines, Content()),)


def _quiet(text: str) -> Content:
    return Content.styled(text, QUIET)


def _wrap(text: str, width: int) -> Iterator[str]:
    """The text over as many lines as it needs, broken between words."""
    line = ""
    for word in text.split(" "):
        if line and cell_width(line) + 1 + cell_width(word) > width:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield crop(line, width)


def _spread(groups: Sequence[Group], height: int) -> tuple[Content, ...]:
    """The groups with blank lines before and between them, as far as there is room for those."""
    lines: list[Content] = []
    spare = height - sum(len(group) for group in groups)
    airy = len(groups) > 1
    for place, group in enumerate(groups):
        if airy and (spare >= len(groups) or (place and spare >= len(groups) - 1)):
            lines.append(Content())
        lines += [Content.assemble(" ", line) for line in group]
    return tuple(lines[:height])
