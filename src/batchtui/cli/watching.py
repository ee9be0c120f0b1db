"""Waits until what is watched has ended, and tells of it: for `watch`, and after a submission."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from batchtui.account.account import Account
from batchtui.account.events import Event, Lacking
from batchtui.account.opening import Opened
from batchtui.account.telling import Teller
from batchtui.account.watched import is_running, is_success
from batchtui.account.watching import Trouble, Watch
from batchtui.account.window_title import WindowTitle
from batchtui.cli import diagnostics, watch_words
from batchtui.cli.block import Block
from batchtui.cli.signals import minded
from batchtui.cli.terminal import can_rewrite, is_in_front, write_error
from batchtui.cli.watch_view import Kind, Lines, LinesAboveBlock, Say, View
from batchtui.domain import osc
from batchtui.domain.batch import Record
from batchtui.domain.job import Job
from batchtui.domain.job_record import JobRecord

REVIEW: Final = timedelta(minutes=1)
"""So often all rows are looked through for what will soon be too late."""

_LOOK_AT_LEAST: Final = 5.0
"""Seconds that a look may take though time is up."""

OnRows = Callable[[Sequence[Record]], object]
"""Told how all rows stand."""


class Vigil:
    """One wait for all that is watched to end.

    Args:
        account: whose.
        watch: what is watched.
        view: told what happens.
        timeout: after which it is over in any case; None for never.
        on_rows: told whenever some rows have changed, and now and then.
    """

    def __init__(
        self,
        account: Account,
        watch: Watch,
        view: View,
        *,
        timeout: timedelta | None = None,
        on_rows: OnRows = len,
    ) -> None:
        self._account = account
        self._watch = watch
        self._view = view
        self._timeout = timeout
        self._on_rows = on_rows
        self._begun_at = account.clock()
        self._rested = 0.0
        self._told: dict[str, Record] = {}
        self._reviewed_at: datetime | None = None

    async def keep(self) -> bool:
        """Wait; returns whether all has ended, and not time was up before.

        Raises:
            BatchtuiError: what waiting does not help against.
        """
        try:
            self._tell()
            while not self._watch.over:
                try:
                    async with asyncio.timeout(self._for_a_look()):
                        trouble = await self._watch.look()
                except TimeoutError:
                    return False
                self._view.trouble(trouble, self._account.clock())
                self._tell()
                if not self._watch.over and not await self._rest(trouble):
                    return False
            return True
        finally:
            self._view.close()

    # Time

    def _left(self) -> float | None:
        """Seconds until time is up; None if it never is."""
        if self._timeout is None:
            return None
        # The clock goes on while the machine sleeps; the timer does when the clock is set back.
        passed = (self._account.clock() - self._begun_at).total_seconds()
        return self._timeout.total_seconds() - max(passed, self._rested)

    def _for_a_look(self) -> float | None:
        left = self._left()
        return None if left is None else max(left, _LOOK_AT_LEAST)

    async def _rest(self, trouble: Trouble | None) -> bool:
        """Wait until the next look is due; returns whether there is time for it."""
        if trouble is None:
            seconds = self._watch.pause()
        else:
            seconds = (trouble.until - self._account.clock()).total_seconds()
        left = self._left()
        until_then = seconds if left is None else min(seconds, left)
        self._rested += await self._watch.rest(until_then, on_nap=self._draw)
        left = self._left()
        return left is None or left > 0

    # Telling

    def _tell(self) -> None:
        changed = self._watch.take_changed()
        for row in changed:
            self._tell_of(row)
        now = self._account.clock()
        if (
            changed
            or self._reviewed_at is None
            or not timedelta() <= now - self._reviewed_at < REVIEW
        ):
            self._reviewed_at = now
            self._on_rows(self._watch.rows)
        self._draw()

    def _tell_of(self, row: Record) -> None:
        before = self._told.get(row.id)
        self._told[row.id] = row
        kind = _kind(before, row)
        if kind is not None:
            self._view.row(kind, row, self._account.clock(), self._account.past)

    def _draw(self) -> None:
        rows = sorted(self._watch.running, key=lambda row: row.batch.created_at)
        self._view.draw(rows, self._account.clock(), self._account.past)


def _kind(before: Record | None, row: Record) -> Kind | None:
    """What is to be said of a row that was last told of as it was before; None for nothing."""
    ran = before is not None and is_running(before)
    if not is_running(row):
        return Kind.ENDED if ran or before is None else None
    if before is None or not ran:
        return Kind.WATCHING
    if _standing(before) != _standing(row):
        return Kind.CHANGED
    same = before.batch.request_counts == row.batch.request_counts
    return None if same else Kind.COUNTED


def _standing(row: Record) -> tuple[object, ...]:
    return row.batch.outcome, row.ended if isinstance(row, JobRecord) else 0


def view_of(say: Say) -> View:
    """Lines, and at a terminal (stderr) a block of how things stand below them."""
    if not can_rewrite(sys.stderr):
        return Lines(say)
    block = Block(_write, terminal_size)
    return LinesAboveBlock(Lines(say), block, terminal_size, lambda: is_in_front(sys.stderr))


def terminal_size() -> tuple[int, int]:
    """Columns and rows of the terminal."""
    try:
        columns, rows = os.get_terminal_size(sys.stderr.fileno())
    except (OSError, ValueError):
        return 80, 24
    return columns or 80, rows or 24


def _write(text: str) -> None:
    """Write to the terminal, if there is one, as it is; what is foreign was made safe before."""
    if can_rewrite(sys.stderr):
        write_error(text)


async def keep_vigil(
    opened: Opened, watch: Watch, view: View, *, within: timedelta | None = None
) -> bool:
    """Watch, and tell as the settings say; when it is interrupted, say how things stand.

    Returns:
        Whether all has ended, and not the time `within` which it should have.

    Raises:
        BatchtuiError: what waiting does not help against.
    """
    account = opened.account
    teller = Teller(
        opened,
        environ=os.environ,
        write=_write,
        on_trouble=view.note,
        heard=can_rewrite(sys.stderr),
    )
    title = WindowTitle(osc.abilities(os.environ), _write)

    def tell(rows: Sequence[Record]) -> None:
        # What is watched ran when it was asked for, or was named: its end counts whoever saw it.
        teller.look(rows, ended=[row for row in rows if not is_running(row)])
        if opened.settings.notify.title:
            title.show(len(watch.running))

    def note_lack(event: Event) -> None:
        if isinstance(event, Lacking):
            view.note(event.words)

    account.listen(note_lack)
    with minded(on_continued=view.displaced):
        try:
            ended = await Vigil(account, watch, view, timeout=within, on_rows=tell).keep()
            await teller.finish()
            return ended
        except asyncio.CancelledError:
            if watch.rows:
                say_standing(account, watch.rows)
            raise
        finally:
            title.restore()
            await teller.close()


def say_standing(account: Account, rows: Sequence[Record], why: str = "") -> None:
    """Say how rows stand that are watched no longer, and why if that needs to be said."""
    now = watch_words.at(account.clock())
    diagnostics.say(f"{now} {why}{watch_words.standing(rows)}. They go on by themselves.")


def say_end(account: Account, rows: Sequence[Record]) -> None:
    """Say how all rows have ended."""
    now = watch_words.at(account.clock())
    diagnostics.say(f"{now} {watch_words.standing(rows)}: {watch_words.tally(rows)}.")


async def watch(opened: Opened, job: Job) -> int:
    """Look at the API now and then until all batches of a job that was just sent have ended.

    Returns:
        The exit code: whether every request succeeded, in whichever round.

    Raises:
        BatchtuiError: what waiting does not help against.
    """
    account = opened.account
    watched = Watch(account)
    watched.add_job(job)
    await keep_vigil(opened, watched, view_of(diagnostics.say))
    say_end(account, watched.rows)
    return diagnostics.DONE if all(map(is_success, watched.rows)) else diagnostics.UNSUCCESSFUL
