"""The batches and jobs of all accounts, live of those at work, as they are stored of the others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TypeAlias

from batchtui.domain.batch import Record
from batchtui.domain.view import View
from batchtui.ui.accounts import Accounts, Known
from batchtui.ui.peeking import read_stored
from batchtui.ui.presenters.facts import Subject
from batchtui.ui.title import Title

Key: TypeAlias = tuple[str, str]
"""The name of an account, and the id of a batch or a job of it."""


class Together:
    """What there is in all accounts.

    Args:
        accounts: those there are.
    """

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._stored: Mapping[str, Mapping[str, Record]] = {}
        self.known: tuple[Known, ...] = accounts.known()

    async def read(self) -> None:
        """Read what is stored of those that are not at work."""
        self.known = self._accounts.known()
        closed = [each for each in self.known if each.desk is None]
        found = await asyncio.to_thread(read_stored, self._accounts.directory, closed)
        self._stored = {
            name: {record.id: record for record in records} for name, records in found.items()
        }

    def title(self, name: str) -> Title:
        """What the screens say of an account."""
        found = (each.title for each in self.known if each.choice.name == name)
        return next(found, Title(name, "", ""))

    @property
    def state(self) -> tuple[int, ...]:
        """Different if anything happened in an account that is at work, or one more is."""
        return tuple(desk.heard for desk in self._accounts.desks)

    @property
    def seen(self) -> tuple[str, ...]:
        """The names of the accounts of which there is anything to list."""
        return tuple(each.choice.name for each in self._once() if self._of(each))

    def count(self) -> int:
        """How many batches there are to list."""
        total = 0
        for each in self._once():
            desk = self._accounts.desk(each.choice.name)
            total += len(desk.session.records if desk else self._of(each))
        return total

    def arranging(self, view: View) -> Callable[[], list[Key]]:
        """Tells, on any thread, what a view makes of them all as they are now, in order."""
        now = self._accounts.now()
        # One server may give the same batch to two accounts: rows are told apart by the object.
        owners = {
            id(record): (each.choice.name, record)
            for each in self._once()
            for record in self._of(each).values()
        }

        def arranged() -> list[Key]:
            shown = view.apply([record for _, record in owners.values()], now)
            return [(owners[id(record)][0], record.id) for record in shown]

        return arranged

    def subject(self, key: Key) -> Subject | None:
        """A batch or a job with what helps to judge how it is doing; None if there is none."""
        name, row = key
        if desk := self._accounts.desk(name):
            found = desk.session.record(row)
            return desk.session.subject(found) if found else None
        stored = self._stored.get(name, {}).get(row)
        return Subject(stored, self._accounts.now()) if stored else None

    def _once(self) -> list[Known]:
        """Each account under one of its names: one under which it is at work, else the first."""
        known = sorted(self.known, key=lambda each: self._accounts.desk(each.choice.name) is None)
        return list({each.owner: each for each in reversed(known)}.values())

    def _of(self, known: Known) -> Mapping[str, Record]:
        """The rows of an account."""
        if desk := self._accounts.desk(known.choice.name):
            return desk.session.rows
        return self._stored.get(known.choice.name, {})
