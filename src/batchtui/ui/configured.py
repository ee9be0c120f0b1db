"""`config.toml` while the app runs: takes over what was rewritten, writes down what was chosen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from textual.app import App

from batchtui.domain.errors import BatchtuiError
from batchtui.domain.text import safe_line
from batchtui.settings.accounts import FoundIn
from batchtui.settings.file import stamp
from batchtui.settings.schema import AccountTable, Settings
from batchtui.ui.accounts import Accounts
from batchtui.ui.commands import Command
from batchtui.ui.dressing import dress
from batchtui.ui.presenters.notices import Severity
from batchtui.ui.title import name_of

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

Reread = Callable[[], Settings]
"""Reads the settings, options and environment over the file; raises `BatchtuiError`."""

_AT_START: Final = frozenset(("mouse", "prices"))
"""What is only taken over when the app starts."""

_OF_UNNAMED: Final = frozenset(("profile", "base_url", "workspace"))
"""What says which account it is that has no name."""

_FIRST: Final = frozenset(("account",))
"""What only matters when the app starts."""


class Configured:
    """Keeps the app and the file in line with each other, whichever of them changes.

    Args:
        app: whose looks are set.
        accounts: those whose settings are set.
        everywhere: the commands of all screens.
        reread: reads the settings anew; None if the file is not to be looked at.
        noticed: what was said already of the settings in force.
    """

    def __init__(
        self,
        app: App[Any],
        accounts: Accounts,
        everywhere: Sequence[Command],
        reread: Reread | None,
        noticed: Sequence[str] = (),
    ) -> None:
        self._app = app
        self._accounts = accounts
        self._everywhere = everywhere
        self._reread = reread
        self._noticed = noticed
        self._read = accounts.settings
        self._stamp = stamp(accounts.directory)
        self._chosen = self._written = 0

    # The person changed something on screen

    def keep_theme(self, theme: str) -> None:
        """Have this theme the next time, too."""
        self._accounts.settings = msgspec.structs.replace(self._accounts.settings, theme=theme)
        self._write(partial(_write_theme, self._accounts.directory, theme))

    def keep_tabs(self, tabs: Mapping[str, str]) -> None:
        """Have these tabs in the list of every account, and the next time."""
        before = self._accounts.settings.tabs
        self._accounts.adopt(msgspec.structs.replace(self._accounts.settings, tabs=dict(tabs)))
        self._write(partial(_write_tabs, self._accounts.directory, before, tabs))

    def _write(self, write: Callable[[], None]) -> None:
        """Have a change written, which may have to wait for the disk, or for somebody else."""
        self._chosen += 1
        self._writer.submit(write).add_done_callback(
            lambda done: self._app.call_later(self._wrote, done.exception())
        )

    @cached_property
    def _writer(self) -> ThreadPoolExecutor:
        """Writes one change after the other, and all of them before the process ends."""
        from concurrent.futures import ThreadPoolExecutor

        return ThreadPoolExecutor(1, thread_name_prefix="config")

    def _wrote(self, error: BaseException | None) -> None:
        self._written += 1
        if isinstance(error, BatchtuiError):
            self._say(f"This is not kept for the next time. {error}", severity="warning")
        elif error is not None:
            raise error

    # Somebody changed the file

    def look(self) -> None:
        """Take over what is new in the file, if it was written since the last look."""
        if self._written < self._chosen:
            return  # the file is behind
        found = stamp(self._accounts.directory)
        if self._reread is not None and found != self._stamp:
            self._stamp = found
            work: Callable[[], Awaitable[None]] = self._take_over
            self._app.run_worker(work, group="configured", exclusive=True)

    async def _take_over(self) -> None:
        assert self._reread is not None
        chosen = self._chosen
        try:
            read = await asyncio.to_thread(self._reread)
        except BatchtuiError as error:
            words = f"{error} Until that is mended, everything stays as it was set before."
            self._say(words, severity="warning")
            return
        if chosen != self._chosen:
            self._stamp = None  # what was read may be older than what was chosen meanwhile
            return
        before = self._accounts.settings
        # What differs from what is in force and did not before: an option stays in force.
        names = [
            name
            for name in Settings.__struct_fields__
            if getattr(read, name) not in (getattr(self._read, name), getattr(before, name))
        ]
        self._read = read
        if names:
            changes = {name: getattr(read, name) for name in names}
            self._adopt(before, msgspec.structs.replace(before, **changes), names)

    def _adopt(self, before: Settings, settings: Settings, names: Sequence[str]) -> None:
        notices = dress(self._app, settings, self._everywhere)
        self._accounts.adopt(settings)
        other = _AT_START | _OF_UNNAMED | _FIRST
        if settings.theme and settings.theme != self._app.theme:
            other |= {"theme"}  # There is none of that name, as a notice says.
        if _freed(before, settings):
            other |= {"read_only"}
        now = [name for name in names if name not in other]
        if now:
            self._say(f"config.toml was changed, and holds from now on: {', '.join(now)}.")
        new = [notice for notice in notices if notice not in self._noticed]
        self._noticed = notices
        for notice in (*new, *self._later(before, settings, names)):
            self._say(notice, severity="warning")

    def _later(self, before: Settings, now: Settings, names: Sequence[str]) -> Iterator[str]:
        """What of it takes a new start, as sentences."""
        later = [name for name in names if name in _AT_START]
        if later:
            yield f"Start batchtui again to have what config.toml says of {', '.join(later)}."
        if _freed(before, now):
            yield "Start batchtui again to be able to change things: it began in read-only mode."
        for desk in self._accounts.desks:
            name, unnamed = desk.choice.name, desk.choice.found_in is FoundIn.ENVIRONMENT
            table, was = now.accounts.get(name), before.accounts.get(name)
            if _cannot_follow(was, table) or (unnamed and _OF_UNNAMED.intersection(names)):
                shown = safe_line(name_of(desk.choice, desk.identity), 60)
                yield f"{shown} stays as it was opened; start batchtui again to have it anew."

    def _say(self, words: str, *, severity: Severity = "information") -> None:
        self._app.notify(safe_line(words), severity=severity, markup=False)


# What changes the file is imported when needed: the first paint takes none of it, and on the
# screens' thread it would be felt.


def _write_theme(directory: Path, theme: str) -> None:
    from batchtui.settings.changing import update

    update(directory, theme=theme)


def _write_tabs(
    directory: Path, before: Mapping[str, str] | None, after: Mapping[str, str]
) -> None:
    from batchtui.settings.changing import save_tabs

    save_tabs(directory, before, after)


def _freed(was: Settings, now: Settings) -> bool:
    """Whether what began in read-only mode, and stays in it, need not begin so again."""
    return was.read_only and not now.read_only


def _cannot_follow(was: AccountTable | None, table: AccountTable | None) -> bool:
    """Whether an account that is open cannot become what the file makes of it."""
    if was is None or table is None:
        return was is not table
    freed = was.read_only and not table.read_only
    same = msgspec.structs.replace(was, color=table.color, read_only=table.read_only)
    return freed or same != table
