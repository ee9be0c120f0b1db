"""Each event is told by one instance, and by some instance."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from batchtui.domain.account import AccountKey
from batchtui.history.history import History
from batchtui.history.told import KEPT, LEASE

Reopen = Callable[[], History]
END, VANISHING = ("job:1", "end 0"), ("msgbatch_1", "vanishing 2026-01-02")


@pytest.fixture
def other(directory: Path, account: AccountKey, now: datetime, history: History) -> History:
    """Another instance on the same file."""
    return History.open(directory, account, now=now)


def test_the_first_that_asks_tells(history: History, other: History, now: datetime) -> None:
    assert history.told.claim([END, VANISHING], at=now) == {END, VANISHING}
    assert other.told.claim([END, VANISHING], at=now) == set()
    assert history.told.claim([END], at=now) == set()
    other.close()


def test_what_was_told_stays_told(history: History, other: History, now: datetime) -> None:
    history.told.claim([END], at=now)
    history.told.settle([END])
    later = now + 1000 * LEASE
    assert other.told.abandoned(at=later) == set()
    assert other.told.claim([END], at=later) == set()
    other.close()


def test_what_was_never_told_is_free_after_a_while(
    history: History, other: History, now: datetime
) -> None:
    history.told.claim([END, VANISHING], at=now)
    history.told.settle([VANISHING])
    assert other.told.claim([END], at=now + LEASE) == set()
    later = now + LEASE + timedelta(seconds=1)
    assert other.told.abandoned(at=later) == {END}
    assert other.told.claim([END], at=later) == {END}
    assert history.told.claim([END], at=later) == set()
    assert history.told.abandoned(at=later) == set()
    other.close()


def test_what_is_released_is_free_at_once(history: History, other: History, now: datetime) -> None:
    history.told.claim([END, VANISHING], at=now)
    history.told.settle([VANISHING])
    history.told.release([END, VANISHING])
    assert other.told.claim([END, VANISHING], at=now) == {END}
    other.close()


def test_accounts_are_told_apart(history: History, directory: Path, now: datetime) -> None:
    history.told.claim([END], at=now)
    stranger = History.open(directory, AccountKey("https://other.test", "", "x"), now=now)
    assert stranger.told.claim([END], at=now) == {END}
    stranger.close()


def test_telling_is_no_change_of_batches(history: History, other: History, now: datetime) -> None:
    history.told.claim([END], at=now)
    assert not other.changed_elsewhere()
    other.close()


def test_odd_ids_are_no_trouble(history: History, now: datetime) -> None:
    odd = ("\udcff\x00'", "end")
    assert history.told.claim([odd, odd], at=now) == {odd}
    history.told.settle([odd])
    assert history.told.claim([odd], at=now) == set()


def test_what_was_told_long_ago_is_forgotten(history: History, now: datetime) -> None:
    for event, at in ((END, now), (VANISHING, now + KEPT)):
        history.told.claim([event], at=at)
        history.told.settle([event])
    later = now + KEPT + timedelta(seconds=1)
    assert history.told.claim([END, VANISHING], at=later) == {END}
