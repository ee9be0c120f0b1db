"""How `watch` shows what it sees: as lines, as JSON, or as lines above a block that stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from textwrap import wrap
from typing import Final

import msgspec

from batchtui.account.watched import is_running, is_success
from batchtui.account.watching import Trouble
from batchtui.cli import diagnostics
from batchtui.cli import watch_words as words
from batchtui.cli.block import Block
from batchtui.domain.batch import Record
from batchtui.domain.forecast import Past
from batchtui.domain.job_record import JobRecord, batch_ids_of
from batchtui.domain.text import count

Say = Callable[[str], None]
"""Writes a line."""

_MOST_WATCHED: Final = 20
"""So many rows are said to be watched; of more it is not said."""


class Kind(StrEnum):
    """What is to be said of a row."""

    WATCHING = "watching"
    CHANGED = "changed"
    COUNTED = "counted"
    ENDED = "ended"


class View:
    """Who is told what happens while something is watched; by itself says but what is noted."""

    def row(self, kind: Kind, row: Record, now: datetime, past: Past) -> None:
        """Something is to be said of a row."""

    def note(self, text: str) -> None:
        """Something else is to be said, in a sentence."""
        diagnostics.say(text)

    def trouble(self, trouble: Trouble | None, now: datetime) -> None:
        """The API cannot be looked at; None: it can be again."""

    def draw(self, rows: Sequence[Record], now: datetime, past: Past) -> None:
        """Some time has passed: the rows that run, and when and by what they are judged."""

    def displaced(self) -> None:
        """Others may have written to the terminal meanwhile."""

    def close(self) -> None:
        """There is no more to tell."""


class Lines(View):
    """A line for every event.

    Args:
        say: where what happens to rows goes; what the API does goes to stderr.
    """

    def __init__(self, say: Say) -> None:
        self._say = say
        self._trouble = ""
        self._watched = 0

    def row(self, kind: Kind, row: Record, now: datetime, past: Past) -> None:
        """See `View`."""
        match kind:
            case Kind.WATCHING:
                self._watched += 1
                if self._watched > _MOST_WATCHED:
                    return
                line = words.started(row, now, past)
            case Kind.CHANGED:
                line = words.moved(row)
            case Kind.COUNTED:
                return  # would be a line at every look
            case Kind.ENDED:
                line = words.ended(row)
        self._say(f"{words.at(now)} {line}")

    def trouble(self, trouble: Trouble | None, now: datetime) -> None:
        """Say it once as long as it is the same."""
        kind = trouble.kind if trouble else ""
        if trouble is not None and kind != self._trouble:
            self.note(f"{words.at(now)} {trouble.why} Trying again until it passes.")
        elif trouble is None and self._trouble:
            self.note(f"{words.at(now)} The API answers again.")
        self._trouble = kind


class LinesAboveBlock(View):
    """What happens as lines, and below them how the rows that run stand.

    Args:
        lines: says what happens.
        block: shows how things stand.
        size: columns and rows of the terminal as they are now.
        in_front: whether it is this process that the terminal shows; in the background there are
            lines alone.
    """

    def __init__(
        self,
        lines: Lines,
        block: Block,
        size: Callable[[], tuple[int, int]],
        in_front: Callable[[], bool] = lambda: True,
    ) -> None:
        self._lines = lines
        self._block = block
        self._size = size
        self._in_front = in_front
        self._trouble: Trouble | None = None

    def row(self, kind: Kind, row: Record, now: datetime, past: Past) -> None:
        """Say it above the block; what begins to be watched is to be seen in it."""
        if kind in (Kind.CHANGED, Kind.ENDED) or not self._in_front():
            self._block.clear()
            self._lines.row(kind, row, now, past)

    def note(self, text: str) -> None:
        """Say it above the block."""
        self._block.clear()
        self._lines.note(text)

    def trouble(self, trouble: Trouble | None, now: datetime) -> None:
        """Say it in the block, for as long as it lasts; in the background once."""
        self._trouble = trouble
        if not self._in_front():
            self._lines.trouble(trouble, now)

    def draw(self, rows: Sequence[Record], now: datetime, past: Past) -> None:
        """Rewrite the block."""
        if not self._in_front():
            self.displaced()
            return
        columns, height = self._size()
        trouble = self._why_nothing_is_seen(columns - 1)
        room = max(height - 2 - max(len(trouble), 1), 1)
        shown = rows if len(rows) <= room else rows[: room - 1]
        lines = list(words.table(shown, now, past, columns - 1))
        if more := len(rows) - len(shown):
            lines.append(f"and {count(more)} more")
        self._block.show([*lines, *trouble])

    def _why_nothing_is_seen(self, width: int) -> list[str]:
        if self._trouble is None:
            return []
        text = f"{self._trouble.why} Next try at {words.at(self._trouble.until)}."
        return wrap(text, max(width, 1))

    def displaced(self) -> None:
        """Let the next block stand below what others have written."""
        self._block.leave()

    def close(self) -> None:
        """Take the block away."""
        self._block.clear()


class JsonLines(View):
    """A JSON object a line for every event.

    Args:
        put: writes an object.
    """

    def __init__(self, put: Callable[[bytes], None]) -> None:
        self._put = put
        self._troubled = False

    def row(self, kind: Kind, row: Record, now: datetime, past: Past) -> None:
        """See `View`."""
        fields: dict[str, object] = {
            "kind": "job" if isinstance(row, JobRecord) else "batch",
            "id": row.id,
            "name": row.name,
            "batch_ids": batch_ids_of(row),
            "outcome": row.batch.outcome if row.on_server or not row.batch.running else "gone",
            "request_counts": row.batch.request_counts,
            "created_at": row.batch.created_at,
            "ended_at": row.batch.ended_at,
        }
        if not is_running(row):
            fields["all_succeeded"] = is_success(row)
        self._event(Kind.CHANGED if kind is Kind.COUNTED else kind, now, **fields)

    def trouble(self, trouble: Trouble | None, now: datetime) -> None:
        """An event at every failed look, and one when that is over."""
        if trouble is not None:
            self._event("trouble", now, message=trouble.why, retry_at=trouble.until)
        elif self._troubled:
            self._event("recovered", now)
        self._troubled = trouble is not None

    def _event(self, event: str, now: datetime, **fields: object) -> None:
        self._put(msgspec.json.encode({"event": event, "at": now, **fields}))
