"""Old batches are forgotten with all that belongs to them, and the file becomes shorter."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from batchtui.domain.account import AccountKey
from batchtui.domain.errors import StorageError, UsageError
from batchtui.domain.job import Part, Round
from batchtui.history.history import History
from tests.history.conftest import Make
from tests.jobs import make_job


def rows(directory: Path, table: str) -> int:
    with sqlite3.connect(directory / "history.db") as connection:
        ((number,),) = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
    connection.close()
    return int(number)


def test_a_forgotten_batch_leaves_nothing_behind(
    history: History, directory: Path, running: Make, ended: Make, now: datetime
) -> None:
    history.observe([running("msgbatch_1"), ended("msgbatch_2")], at=now)
    history.observe([ended("msgbatch_1")], at=now + timedelta(hours=1))
    history.told.claim([("msgbatch_1", "end"), ("msgbatch_2", "end")], at=now)
    record = history.record("msgbatch_1")
    assert record is not None
    assert rows(directory, "observation") == 3

    assert history.upkeep.forget([record]) == ["msgbatch_1"]
    assert [each.id for each in history.records()] == ["msgbatch_2"]
    assert {table: rows(directory, table) for table in ("seen", "observation", "told")} == {
        "seen": 1,
        "observation": 1,
        "told": 1,
    }


def test_whether_results_are_here_makes_no_other_batch_of_it(
    history: History, ended: Make, now: datetime
) -> None:
    history.observe([ended()], at=now)
    record = history.record("msgbatch_1")
    assert record is not None
    here = msgspec.structs.replace(record, results_here=True)
    assert history.upkeep.forget([here]) == ["msgbatch_1"]


def test_what_changed_since_it_was_looked_at_stays(
    history: History, ended: Make, now: datetime
) -> None:
    """Another instance may have labelled it, or seen it on the server."""
    history.observe([ended("msgbatch_1"), ended("msgbatch_2")], at=now)
    records = history.records()
    history.annotate("msgbatch_1", label="keep me")
    history.observe([ended("msgbatch_2")], at=now + timedelta(hours=1))
    assert history.upkeep.forget(records) == []
    assert history.count() == 2


def test_another_instance_takes_notice(
    history: History, directory: Path, account: AccountKey, ended: Make, now: datetime
) -> None:
    history.observe([ended()], at=now)
    other = History.open(directory, account, now=now)
    history.upkeep.forget(history.records())
    assert other.changed_elsewhere()
    assert not history.changed_elsewhere()
    other.close()


def test_a_job_goes_with_its_batches(
    history: History, directory: Path, ended: Make, now: datetime
) -> None:
    history.observe([ended(f"msgbatch_{number}") for number in range(3)], at=now)
    job = make_job(history, "evals", ["msgbatch_0", "msgbatch_1"], at=now)
    assert sorted(history.upkeep.forget(history.records(), [job])) == [
        "msgbatch_0",
        "msgbatch_1",
        "msgbatch_2",
    ]
    assert history.jobs.all() == []
    assert rows(directory, "part") == rows(directory, "round") == 0


def test_batches_of_a_job_that_stays_stay(history: History, ended: Make, now: datetime) -> None:
    history.observe([ended(f"msgbatch_{number}") for number in range(3)], at=now)
    make_job(history, "evals", ["msgbatch_0", "msgbatch_1"], at=now)
    assert history.upkeep.forget(history.records()) == ["msgbatch_2"]


def test_a_job_that_grew_stays_whole(history: History, ended: Make, now: datetime) -> None:
    history.observe([ended("msgbatch_0")], at=now)
    job = make_job(history, "evals", ["msgbatch_0"], at=now)
    part = Part(2, 1, 0, 10, 1, 1, 10)
    history.jobs.add_round(job.key, Round(1, "/retry.jsonl", 10, b"", 1, now), [part])
    assert history.upkeep.forget(history.records(), [job]) == []
    assert history.jobs.named("evals") is not None


def test_nothing_is_forgotten_while_a_part_is_in_doubt(
    history: History, ended: Make, now: datetime
) -> None:
    """What it may have become is told by which batches were known before."""
    history.observe([ended("msgbatch_0")], at=now)
    job = make_job(history, "evals", [], at=now, unsent=[10])
    history.jobs.begin(job.key, 1, at=now)
    with pytest.raises(UsageError, match='"evals" it is not known yet'):
        history.upkeep.forget(history.records())
    assert history.count() == 1


def test_a_number_that_a_part_was_compared_with_is_never_given_again(
    history: History, ended: Make, now: datetime
) -> None:
    history.observe([ended("msgbatch_old")], at=now)
    job = make_job(history, "evals", [], at=now, unsent=[10])
    history.jobs.begin(job.key, 1, at=now)
    history.jobs.withdraw(job.key, 1)
    history.upkeep.forget(history.records())
    history.observe([ended("msgbatch_new")], at=now)
    assert history.jobs.is_new(job.key, 1, "msgbatch_new")


def test_how_ended_batches_stood_is_forgotten_by_age(
    history: History, running: Make, ended: Make, now: datetime
) -> None:
    long_ago = now - timedelta(days=100)
    history.observe([running("msgbatch_1", created_at=long_ago), running("msgbatch_2")], at=now)
    later = now + timedelta(hours=1)
    history.observe([ended("msgbatch_1", created_at=long_ago), ended("msgbatch_2")], at=later)
    before = now - timedelta(days=90)

    assert history.upkeep.observations() == 4
    assert history.upkeep.observations_of_ended(before) == 2
    assert history.upkeep.forget_observations(before) == 2
    assert history.observations("msgbatch_1") == []
    assert len(history.observations("msgbatch_2")) == 2
    assert history.count() == 2


def test_a_vacuum_gives_room_back(
    history: History, directory: Path, account: AccountKey, ended: Make, now: datetime
) -> None:
    filler = "x" * 2_000
    history.observe([ended(f"msgbatch_{n}", filler=filler) for n in range(500)], at=now)
    other = History.open(directory, account, now=now)
    other.records()
    history.upkeep.forget(history.records())
    room = history.upkeep.room()
    assert room.free > 500_000

    done = history.upkeep.vacuum()
    assert done.before == room.taken
    assert done.after < 200_000
    assert not done.held
    assert history.upkeep.room().free == 0
    assert other.records() == []
    other.close()


def test_a_reader_of_the_old_file_holds_its_room(
    history: History, directory: Path, ended: Make, now: datetime
) -> None:
    history.observe([ended(f"msgbatch_{n}") for n in range(50)], at=now)
    history._store.rows("PRAGMA busy_timeout = 50")
    reader = sqlite3.connect(directory / "history.db")
    cursor = reader.execute("SELECT * FROM batch")
    cursor.fetchone()
    done = history.upkeep.vacuum()
    assert done.held
    assert done.after < done.before  # the log, which now holds it all twice, goes with the reader
    cursor.close()
    reader.close()
    assert not history.upkeep.vacuum().held


def test_a_writer_is_waited_for_and_then_named(
    history: History, directory: Path, ended: Make, now: datetime
) -> None:
    history.observe([ended()], at=now)
    history._store.rows("PRAGMA busy_timeout = 50")
    writer = sqlite3.connect(directory / "history.db", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="locked"):
        history.upkeep.vacuum()
    writer.close()
    assert history.count() == 1


def test_a_history_in_memory_has_room_too(account: AccountKey, now: datetime, ended: Make) -> None:
    history = History.in_memory(account, now=now)
    history.observe([ended()], at=now)
    assert history.path is None
    assert history.upkeep.room().taken > 0
    history.close()
