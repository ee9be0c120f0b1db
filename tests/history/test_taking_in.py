"""What somebody else knows of batches is brought together with what is known here."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from batchtui.domain.account import AccountKey
from batchtui.domain.errors import UsageError
from batchtui.history.history import History
from batchtui.history.taking_in import Arrival, Taken
from tests.history.conftest import Make
from tests.jobs import make_job

HOUR = timedelta(hours=1)


def one(history: History, arrival: Arrival, at: datetime, *, overwrite: bool = False) -> Taken:
    (taken,) = history.take_in([arrival], at=at, overwrite=overwrite)
    return taken


def test_a_batch_that_is_not_known_is_taken_as_it_is(
    history: History, ended: Make, now: datetime
) -> None:
    sighting = ended()
    arrival = Arrival(
        batch_id="msgbatch_1",
        sighting=sighting,
        first_seen_at=now - HOUR,
        last_seen_at=now,
        deleted_at=now,
        gone_at=now,
        label="evals",
        note="v14",
        request_file="/data/requests.jsonl",
        pinned=True,
    )
    taken = one(history, arrival, now + HOUR)
    assert taken.before is None
    record = history.record("msgbatch_1")
    assert record == taken.after
    assert history.body("msgbatch_1") == sighting.body
    assert (record.first_seen_at, record.last_seen_at) == (now - HOUR, now)
    assert (record.deleted_at, record.gone_at) == (now, now)
    assert (record.label, record.note, record.pinned) == ("evals", "v14", True)
    assert [each.at for each in history.observations("msgbatch_1")] == [now]


def test_a_mere_name_of_what_is_not_known_is_left_out(history: History, now: datetime) -> None:
    assert history.take_in([Arrival(batch_id="msgbatch_1", label="x")], at=now) == []
    assert history.count() == 0


def test_what_a_person_wrote_stays_where_the_row_cannot_be_read(
    history: History, ended: Make, now: datetime, directory: Path
) -> None:
    history.observe([ended()], at=now)
    history.annotate("msgbatch_1", label="mine", note="read this", pinned=True)
    with sqlite3.connect(directory / "history.db") as connection:
        connection.execute("UPDATE batch SET body = x'ff'")
    connection.close()
    taken = one(history, Arrival(batch_id="msgbatch_1", sighting=ended(), label="theirs"), now)
    assert (taken.before, taken.kept) == (None, ("label",))
    record = history.record("msgbatch_1")
    assert record == taken.after
    assert (record.label, record.note, record.pinned) == ("mine", "read this", True)


def test_what_a_person_wrote_here_stays_unless_told_otherwise(
    history: History, ended: Make, now: datetime
) -> None:
    history.observe([ended()], at=now)
    history.annotate("msgbatch_1", label="mine")
    arrival = Arrival(batch_id="msgbatch_1", label="theirs", note="new", pinned=True)

    kept = one(history, arrival, now)
    assert kept.kept == ("label",)
    assert (kept.after.label, kept.after.note, kept.after.pinned) == ("mine", "new", True)
    again = one(history, arrival, now)
    assert again.before == again.after

    assert one(history, arrival, now, overwrite=True).after.label == "theirs"
    nothing = one(history, Arrival(batch_id="msgbatch_1"), now, overwrite=True)
    assert (nothing.after.label, nothing.after.pinned) == ("theirs", True)


def test_the_end_of_a_batch_counts_however_late_it_comes(
    history: History, running: Make, ended: Make, now: datetime
) -> None:
    history.observe([running()], at=now)
    end = ended()
    arrival = Arrival(batch_id="msgbatch_1", sighting=end, last_seen_at=now - HOUR)
    assert one(history, arrival, now).after.batch == end.batch
    assert history.body("msgbatch_1") == end.body
    assert history.running() == []


def test_an_end_that_is_known_is_not_taken_back(
    history: History, running: Make, ended: Make, now: datetime
) -> None:
    history.observe([ended()], at=now)
    arrival = Arrival(batch_id="msgbatch_1", sighting=running(), last_seen_at=now + HOUR)
    assert one(history, arrival, now).after.batch == ended().batch


def test_another_batch_of_the_same_id_changes_nothing(
    history: History, ended: Make, now: datetime
) -> None:
    history.observe([ended()], at=now)
    other = ended(created_at=now - timedelta(days=9))
    arrival = Arrival(batch_id="msgbatch_1", sighting=other, last_seen_at=now + HOUR)
    assert one(history, arrival, now).after.batch == ended().batch


def test_seen_here_since_is_not_gone(history: History, ended: Make, now: datetime) -> None:
    history.observe([ended()], at=now)
    before = Arrival(batch_id="msgbatch_1", gone_at=now - HOUR)
    assert one(history, before, now).after.gone_at is None
    after = Arrival(batch_id="msgbatch_1", gone_at=now + HOUR)
    assert one(history, after, now).after.gone_at == now + HOUR


def test_many_ids_are_looked_up_at_once(history: History, ended: Make, now: datetime) -> None:
    ids = [f"msgbatch_{number}" for number in range(1200)]
    history.observe([ended(each) for each in ids[::2]], at=now)
    assert history.known(ids) == frozenset(ids[::2])
    assert history.known([]) == frozenset()


# Jobs


@pytest.fixture
def other(tmp_path: Path, account: AccountKey, now: datetime) -> History:
    return History.in_memory(account, now=now)


def test_a_job_is_taken_in_once(
    history: History, other: History, ended: Make, now: datetime
) -> None:
    history.observe([ended("msgbatch_1"), ended("msgbatch_2")], at=now)
    job = make_job(history, "evals", ["msgbatch_1", "msgbatch_2"], at=now)
    job = history.jobs.annotate(job.key, note="v14", pinned=True)
    assert other.jobs.take_in(job)
    (copy,) = other.jobs.all()
    assert msgspec.structs.replace(copy, key=job.key) == job
    assert not other.jobs.take_in(job)
    assert not history.jobs.take_in(job)
    other.close()


def test_a_job_that_is_not_all_sent_stays_where_it_was_begun(
    history: History, other: History, now: datetime
) -> None:
    job = make_job(history, "evals", [], at=now, unsent=[10])
    with pytest.raises(UsageError, match="Not all"):
        other.jobs.take_in(job)
    other.close()


def test_another_job_of_the_same_name_or_batch_stays(
    history: History, other: History, ended: Make, now: datetime
) -> None:
    for each in (history, other):
        each.observe([ended("msgbatch_1"), ended("msgbatch_2")], at=now)
    job = make_job(history, "evals", ["msgbatch_1", "msgbatch_2"], at=now)
    make_job(other, "evals", ["msgbatch_1"], at=now)
    with pytest.raises(UsageError, match="another one"):
        other.jobs.take_in(job)
    with pytest.raises(UsageError, match="another one"):
        other.jobs.take_in(msgspec.structs.replace(job, name="renamed"))
    other.close()
