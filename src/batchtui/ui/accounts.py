"""The accounts of the app: those there are to choose from, and those that are open and at work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from batchtui.account.opening import Opened, open_choice
from batchtui.domain.account import AccountKey
from batchtui.domain.errors import BatchtuiError
from batchtui.settings.accounts import Choice, FoundIn, choices, find, identity_of
from batchtui.settings.credentials import Identity
from batchtui.settings.schema import Settings
from batchtui.ui.desk import Desk
from batchtui.ui.title import READ_ONLY, Title, host_of, name_of

Place = Callable[[Opened, int], Desk]
"""Gives an opened account a desk, the first, the second, and so on."""


class Known(msgspec.Struct, frozen=True):
    """An account there is to choose.

    Attributes:
        identity: who it is; None if that cannot be told.
        desk: where it is at work; None if it was not opened yet.
        trouble: why it cannot be opened, as a sentence; "" if it can.
    """

    choice: Choice
    identity: Identity | None
    desk: Desk | None = None
    trouble: str = ""

    @property
    def owner(self) -> AccountKey | None:
        """Whose batches they are; two names of one account have the same. None if nobody's."""
        return self.identity.owner if self.identity else None

    @property
    def title(self) -> Title:
        """What the screens say of it, or would."""
        if self.desk is not None:
            return self.desk.session.title
        who, choice = self.identity, self.choice
        return Title(
            name_of(choice, who) if who else choice.name,
            who.workspace if who else "",
            host_of(who.endpoint) if who else "",
            (READ_ONLY,) * choice.read_only,
            choice.color,
        )


class Accounts:
    """Each account is opened when it is first gone to, and at work from then on.

    Args:
        first: the account to begin with, opened.
        place: gives an account a desk.
        environ: the environment, for keys and profiles.
        alone: whether there is only the first, whatever else is set.

    Attributes:
        settings: those in force.
        directory: the config directory.
        alone: whether there is only the first.
        shown: the desk on screen, or the one that was last.
    """

    def __init__(
        self, first: Opened, place: Place, environ: Mapping[str, str], *, alone: bool
    ) -> None:
        self.settings: Settings = first.settings
        self.directory: Path = first.directory
        self._offline = first.account.offline
        self._clock = first.account.clock
        self._place = place
        self._environ = environ
        self.alone = alone
        self.shown = place(first, 0)
        self._desks = {first.choice.name: self.shown}

    @property
    def desks(self) -> tuple[Desk, ...]:
        """Those at work, in the order in which they were opened."""
        return tuple(self._desks.values())

    def known(self) -> tuple[Known, ...]:
        """All there are: those at work and those to choose, each once.

        A profile or an environment that is somebody who stands in the list already is left out.
        """
        found: dict[str, Known] = {}
        if not self.alone:
            found = {each.name: self._known(each) for each in choices(self.settings, self._environ)}
        for name, desk in self._desks.items():
            found[name] = Known(desk.choice, desk.identity, desk)
        taken = {each.owner for each in found.values() if _stays(each)}
        listed = []
        for each in found.values():
            if _stays(each) or each.owner is None or each.owner not in taken:
                listed.append(each)
                taken.add(each.owner)
        return tuple(listed)

    def _known(self, choice: Choice) -> Known:
        try:
            return Known(choice, identity_of(choice, self._environ))
        except BatchtuiError as error:
            return Known(choice, None, trouble=str(error))

    def desk(self, name: str) -> Desk | None:
        """Where an account is at work; None if it is not."""
        return self._desks.get(name)

    def opened(self, name: str) -> Desk:
        """The desk of an account, which is made if it was not opened yet.

        Raises:
            BatchtuiError: if there is no such account, or it cannot be opened.
        """
        if name not in self._desks:
            opened = open_choice(
                find(name, self.settings, self._environ),
                directory=self.directory,
                settings=self.settings,
                environ=self._environ,
                offline=self._offline,
                clock=self._clock,
            )
            self._desks[name] = self._place(opened, len(self._desks))
        return self._desks[name]

    def adopt(self, settings: Settings) -> None:
        """Have other settings from now on, for those at work as for those opened later."""
        self.settings = settings
        for desk in self._desks.values():
            desk.adopt(settings)

    def now(self) -> datetime:
        """The present, in the zone times are shown in."""
        return self._clock().astimezone()

    def show(self, desk: Desk | None) -> None:
        """Keep which one is on screen; None if they are all listed together."""
        self.shown = desk or self.shown
        for each in self._desks.values():
            each.session.shown = each is desk

    def sending(self) -> Iterator[Desk]:
        """Those that are sending jobs."""
        return (each for each in self._desks.values() if each.session.submissions.busy)

    def stop(self) -> None:
        """End all their work; waits a moment for all of them together."""
        engines = [each.session.engine for each in self._desks.values()]
        for engine in engines:
            engine.leave()
        for engine in engines:
            engine.stop()


def _stays(known: Known) -> bool:
    """Whether a person gave it a name, or it is open."""
    return known.desk is not None or known.choice.found_in is FoundIn.CONFIG
