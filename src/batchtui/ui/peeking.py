"""What is stored of accounts that are not open, without opening them. Runs in a thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from batchtui.domain.batch import Record
from batchtui.domain.errors import BatchtuiError
from batchtui.history.glance import Glance
from batchtui.ui.accounts import Known

T = TypeVar("T")

NEWEST = 200
"""So many batches of an account are listed that is not open, besides those that run."""


class Tally(msgspec.Struct, frozen=True):
    """How many batches are known, and how many of them run as far as that is known."""

    batches: int = 0
    running: int = 0


def tally(known: Known, stored: Mapping[str, Tally]) -> Tally | None:
    """The numbers of an account; None as long as nobody has looked.

    Args:
        known: the account.
        stored: what was found of those that are not open, by name.
    """
    if known.desk is None:
        return stored.get(known.choice.name)
    records = known.desk.session.records.values()
    return Tally(len(records), sum(each.running for each in records))


def count_stored(directory: Path, accounts: Iterable[Known]) -> dict[str, Tally]:
    """The numbers of accounts by name; what cannot be read is left out."""
    return _look(directory, accounts, _count, Tally())


def read_stored(directory: Path, accounts: Iterable[Known]) -> dict[str, list[Record]]:
    """The newest batches and those that run, by account; what cannot be read is left out."""
    return _look(directory, accounts, _read, [])


def _count(glance: Glance) -> Tally:
    return Tally(glance.count(), len(glance.running()))


def _read(glance: Glance) -> list[Record]:
    records = [*glance.newest(NEWEST), *glance.running()]
    return list({each.id: each for each in records}.values())


def _look(
    directory: Path, accounts: Iterable[Known], read: Callable[[Glance], T], nothing: T
) -> dict[str, T]:
    found = {}
    for each in accounts:
        with suppress(BatchtuiError):
            if who := each.identity:
                glance = Glance.open(directory, who.key)
                with glance or nullcontext():
                    found[each.choice.name] = read(glance) if glance else nothing
    return found
