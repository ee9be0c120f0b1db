"""Jobs are written down before anything is sent, and every step of them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from batchtui.domain.account import AccountKey
from batchtui.domain.batch import RequestCounts
from batchtui.domain.errors import UsageError
from batchtui.domain.job import Part, PartState, Round
from batchtui.history.history import History


def round_(now: datetime, number: int = 0, *, digest: bytes = b"d") -> Round:
    return Round(number, "/data/requests.jsonl", 100, digest, 20, now, RequestCounts())


def parts(count: int = 2, *, first: int = 1, round_number: int = 0) -> list[Part]:
    return [
        Part(first + at, round_number, 50 * at, 50 * at + 50, 10 * at + 1, 10, 64, b"p")
        for at in range(count)
    ]


def test_a_job_is_kept_with_all_its_parts(
    history: History, directory: Path, account: AccountKey, now: datetime
) -> None:
    job = history.jobs.add("tickets", round_(now), parts(), at=now)
    job = history.jobs.annotate(job.key, note="prompt v14")
    with_another = History.open(directory, account, now=now)

    assert with_another.jobs.all() == [job]
    assert with_another.jobs.named("tickets") == job
    assert with_another.jobs.of_file(b"d") == [job]
    assert with_another.jobs.of_file(b"e") == []
    assert job.note == "prompt v14"
    assert [part.state for part in job.parts] == [PartState.PLANNED] * 2
    with_another.close()


def test_each_step_of_a_part_is_written_down(history: History, now: datetime) -> None:
    key = history.jobs.add("tickets", round_(now), parts(), at=now).key

    begun = history.jobs.begin(key, 1, at=now)
    assert begun.parts[0].state is PartState.SENDING
    assert begun.parts[0].attempted_at == now
    assert history.jobs.doubt(key, 1).parts[0].state is PartState.UNKNOWN
    assert history.jobs.withdraw(key, 1).parts[0].state is PartState.PLANNED
    history.jobs.begin(key, 1, at=now)
    created = history.jobs.created(key, 1, "msgbatch_1")
    assert created.parts[0].batch_id == "msgbatch_1"
    assert created.batch_ids == ("msgbatch_1",)
    assert [part.number for part in created.unsent] == [2]
    assert history.jobs.of_batch("msgbatch_1") == created


def test_nothing_is_begun_or_finished_twice(history: History, now: datetime) -> None:
    key = history.jobs.add("tickets", round_(now), parts(), at=now).key
    history.jobs.begin(key, 1, at=now)
    with pytest.raises(UsageError):
        history.jobs.begin(key, 1, at=now)
    history.jobs.created(key, 1, "msgbatch_1")
    with pytest.raises(UsageError):
        history.jobs.created(key, 1, "msgbatch_2")
    with pytest.raises(UsageError):
        history.jobs.withdraw(key, 1)


def test_a_file_is_written_down_once_however_many_submit_it(
    history: History, now: datetime
) -> None:
    """Two may have found at the same time that nobody sends it."""
    history.jobs.add("tickets", round_(now), parts(), at=now, once=True)
    with pytest.raises(UsageError, match='as job "tickets" already'):
        history.jobs.add("tickets 2", round_(now), parts(), at=now, once=True)
    assert len(history.jobs.all()) == 1
    history.jobs.add("tickets 2", round_(now), parts(), at=now)
    history.jobs.add("others", round_(now, digest=b"e"), parts(), at=now, once=True)


def test_names_are_unique(history: History, now: datetime) -> None:
    history.jobs.add("tickets", round_(now), parts(), at=now)
    other = history.jobs.add("others", round_(now), parts(), at=now)
    with pytest.raises(UsageError, match='named "tickets" already'):
        history.jobs.add("tickets", round_(now), parts(), at=now)
    with pytest.raises(UsageError, match="already"):
        history.jobs.annotate(other.key, name="tickets")
    renamed = history.jobs.annotate(other.key, name="more", note="n", pinned=True)
    assert (renamed.name, renamed.note, renamed.pinned) == ("more", "n", True)


def test_a_later_round_adds_parts(history: History, now: datetime) -> None:
    job = history.jobs.add("tickets", round_(now), parts(), at=now)
    again = msgspec.structs.replace(
        round_(now, 1), requests=3, instead_of=RequestCounts(errored=2, expired=1)
    )
    after = history.jobs.add_round(job.key, again, parts(1, first=3, round_number=1))
    assert after.rounds[1] == again
    assert [part.number for part in after.parts] == [1, 2, 3]
    assert after.requests == 20


def test_only_what_was_never_sent_is_forgotten(history: History, now: datetime) -> None:
    key = history.jobs.add("tickets", round_(now), parts(), at=now).key
    history.jobs.begin(key, 1, at=now)
    with pytest.raises(UsageError, match="has to be remembered"):
        history.jobs.remove(key)
    history.jobs.withdraw(key, 1)
    history.jobs.remove(key)
    assert history.jobs.all() == []


def test_other_instances_take_notice(
    history: History, directory: Path, account: AccountKey, now: datetime
) -> None:
    history.jobs.add("first", round_(now), parts(), at=now)
    other = History.open(directory, account, now=now)
    other.jobs.add("second", round_(now), parts(), at=now)
    assert history.changed_elsewhere()
    assert not other.changed_elsewhere()
    other.close()


def test_each_batch_has_the_name_of_its_job(history: History, now: datetime) -> None:
    key = history.jobs.add("tickets", round_(now), parts(), at=now).key
    assert history.jobs.names() == {}
    history.jobs.begin(key, 2, at=now)
    history.jobs.created(key, 2, "msgbatch_2")
    assert history.jobs.names() == {"msgbatch_2": "tickets"}
