"""One batch or job as a row of the list: a cell for each column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec
from textual.content import Content

from batchtui.domain.batch import Record, ResultsState
from batchtui.domain.job_record import JobRecord
from batchtui.domain.pricing import Cost
from batchtui.domain.progress import Progress
from batchtui.domain.text import (
    brief_money,
    cell_width,
    count,
    crop,
    crop_middle,
    day_and_time,
    duration,
    in_zone,
    long_duration,
    safe_line,
    short_count,
)
from batchtui.domain.view import is_expiring
from batchtui.ui.presenters.bars import progress_bar
from batchtui.ui.presenters.facts import Subject
from batchtui.ui.presenters.jobs import batches_of
from batchtui.ui.presenters.state import LOUD, QUIET, Look, look
from batchtui.ui.widgets.painting import Cell

OPENED: Final = "▾ "
"""Before the name of a job whose batches are listed beneath it."""

CLOSED: Final = "▸ "
"""Before the name of a job whose batches are not."""

_NOT_KNOWN: Final = "·"
_SHORTEST_ID: Final = 10
_LONG_NEXT: Final = 13
_LONG_PROGRESS: Final = 19


class Row(msgspec.Struct, frozen=True):
    """A batch or a job at a moment, as far as a row needs to know it."""

    record: Record
    now: datetime
    look: Look
    progress: Progress
    cost: Cost | None
    part: str
    opened: bool


def batch_cells(
    of: Subject, widths: Mapping[str, int], *, part: str = "", opened: bool = False
) -> tuple[Cell, ...]:
    """The cells of a batch or a job for the columns of these ids and widths, in their order.

    Args:
        of: the batch or the job.
        widths: the columns.
        part: what a batch beneath its job is called there, such as "1/3"; "" for any other.
        opened: whether the batches of a job are listed beneath it.
    """
    row = Row(of.record, of.now, look(of.record), of.progress, of.cost, part, opened)
    return tuple(_CELLS[column](row, width) for column, width in widths.items())


def _state(row: Row, width: int) -> Cell:
    return row.look.content


def _glyph(row: Row, width: int) -> Cell:
    return Content.styled(row.look.glyph, row.look.style)


def _name(row: Row, width: int) -> Cell:
    record = row.record
    if row.part:
        return _part(row, width)
    before = "◆ " if record.pinned else ""
    name, after = safe_line(record.name), ""
    if isinstance(record, JobRecord):
        before += OPENED if row.opened else CLOSED
        after = f" ({batches_of(record)})"
        if cell_width(before + name + after) > width:
            after = f" ({count(len(record.job.parts))})"
    cut = crop if record.label else crop_middle
    text = before + cut(name, width - cell_width(before) - cell_width(after)) + after
    return text if record.on_server else Content.styled(text, QUIET)


def _part(row: Row, width: int) -> Cell:
    """A batch beneath its job: its place there, and its id as far as there is room."""
    title = f"  {'◆ ' if row.record.pinned else ''}{row.part}"
    room = width - cell_width(title) - 2
    ident = crop_middle(safe_line(row.record.id), room) if room >= _SHORTEST_ID else ""
    return Content.assemble(crop(title, width), (ident and f"  {ident}", QUIET))


def _id(row: Row, width: int) -> Cell:
    record = row.record
    named = record.label and not row.part and not isinstance(record, JobRecord)
    return Content.styled(crop_middle(safe_line(record.id), width) if named else "", QUIET)


def _age(row: Row, width: int) -> Cell:
    return duration(row.now - row.record.batch.created_at)


def _created(row: Row, width: int) -> Cell:
    return _moment(row, row.record.batch.created_at)


def _ended(row: Row, width: int) -> Cell:
    ended_at = row.record.batch.ended_at
    return _moment(row, ended_at) if ended_at else ""


def _moment(row: Row, moment: datetime) -> str:
    return day_and_time(in_zone(moment, row.now.tzinfo), row.now)


def _took(row: Row, width: int) -> Cell:
    batch = row.record.batch
    known = batch.running or batch.ended_at
    return long_duration(batch.elapsed(row.now)) if known else _NOT_KNOWN


def _progress(row: Row, width: int) -> Cell:
    done = row.progress
    long = width >= _LONG_PROGRESS
    words = done.words if long else done.brief
    room = 10 if long else 4
    bar = progress_bar(done, width - max(room, cell_width(words)) - 1)
    return Content.assemble(bar, " ", words) if bar else words


def _requests(row: Row, width: int) -> Cell:
    return _number(row.record.batch.request_counts.total, width)


def _succeeded(row: Row, width: int) -> Cell:
    return _tally(row, row.record.batch.request_counts.succeeded, width)


def _errored(row: Row, width: int) -> Cell:
    return _tally(row, row.record.batch.request_counts.errored, width)


def _canceled(row: Row, width: int) -> Cell:
    return _tally(row, row.record.batch.request_counts.canceled, width)


def _expired(row: Row, width: int) -> Cell:
    return _tally(row, row.record.batch.request_counts.expired, width)


def _bad(row: Row, width: int) -> Cell:
    return _tally(row, row.record.batch.request_counts.unsuccessful, width)


def _tally(row: Row, number: int, width: int) -> str:
    """A count; not known while the API keeps all requests in `processing`."""
    batch = row.record.batch
    known = not batch.running or batch.counts_move
    return _number(number, width) if known else _NOT_KNOWN


def _number(number: int, width: int) -> str:
    text = count(number)
    return text if len(text) <= width else short_count(number)


def _next(row: Row, width: int) -> Cell:
    """The deadline that comes next, or where the results are."""
    long = width >= _LONG_NEXT
    record, now = row.record, row.now
    if isinstance(record, JobRecord) and record.running and not record.in_progress:
        fetchable = record.results(now) is ResultsState.AVAILABLE
        return _results(row, width, long=long) if fetchable else ""
    if record.running:
        left = record.batch.deadline - now
        if left <= timedelta(0):
            return Content.styled("past deadline" if long else "overdue", LOUD)
        return f"{'ends ' if long else ''}≤ {long_duration(left)}"
    return _results(row, width, long=long)


def _results(row: Row, width: int, *, long: bool) -> Cell:
    record, now = row.record, row.now
    match record.results(now):
        case ResultsState.HERE if not record.on_server:
            return "deleted, here" if long and record.deleted_at else "only here"
        case ResultsState.HERE:
            paid = _paid(row.cost, width)
            return paid or ("results here" if long else "here")
        case ResultsState.AVAILABLE:
            left = duration(record.results_expire_at - now)
            if is_expiring(record, now):
                return Content.styled(f"GONE IN {left}", LOUD)
            return f"{'results ' if long else ''}{left}"
        case ResultsState.GONE:
            return Content.styled(_gone(record, long=long), QUIET)
        case ResultsState.NONE:
            return Content.styled("no results" if long else "none", QUIET)


def _paid(cost: Cost | None, width: int) -> str:
    """That the results are here, and what they cost, with a "+" if of some lines it is not known.

    "" if of none it is, or there is too little room.
    """
    if cost is None or not cost.priced:
        return ""
    words = f"here {_usd(cost)}"
    return words if len(words) <= width else ""


def _usd(cost: Cost) -> str:
    return f"{brief_money(cost.usd)}{'+' if cost.unpriced else ''}"


def _cost(row: Row, width: int) -> Cell:
    cost = row.cost
    if cost is None or not cost.priced:
        return _NOT_KNOWN if row.record.results_here else ""
    return _usd(cost)


def _note(row: Row, width: int) -> Cell:
    return Content.styled(crop(safe_line(row.record.note), width), QUIET)


def _gone(record: Record, *, long: bool) -> str:
    if record.deleted_at:
        return "deleted"
    if record.gone_at:
        return "not on server" if long else "off server"
    return "results gone" if long else "gone"


_CELLS: Final[Mapping[str, Callable[[Row, int], Cell]]] = {
    "state": _state,
    "glyph": _glyph,
    "name": _name,
    "id": _id,
    "age": _age,
    "created": _created,
    "ended": _ended,
    "took": _took,
    "progress": _progress,
    "requests": _requests,
    "succeeded": _succeeded,
    "errored": _errored,
    "canceled": _canceled,
    "expired": _expired,
    "bad": _bad,
    "next": _next,
    "cost": _cost,
    "note": _note,
}
