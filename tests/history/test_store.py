"""The file itself: its modes, what happens to a bad one, and what a person is told."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from batchtui.domain.account import AccountKey
from batchtui.domain.batch import Sighting, decode_batch
from batchtui.domain.errors import StorageError
from batchtui.history import store
from batchtui.history.history import History

Make = Callable[..., Sighting]
Open = Callable[[], History]


@pytest.fixture
def reopen(directory: Path, account: AccountKey, now: datetime) -> Open:
    """Opens the history once more."""
    return lambda: History.open(directory, account, now=now)


@pytest.fixture
def filled(reopen: Open, running: Make, now: datetime) -> None:
    """Leaves a closed history of one batch on disk."""
    with closing(reopen()) as history:
        history.observe([running("kept")], at=now)


def ids(history: History) -> list[str]:
    return [record.id for record in history.records()]


def test_only_the_owner_may_look(
    history: History, directory: Path, running: Make, now: datetime
) -> None:
    history.observe([running()], at=now)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()}
    names = ["history.db", "history.db-shm", "history.db-wal", "history.lock"]
    assert modes == dict.fromkeys(names, 0o600)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_a_file_others_may_read_is_closed_to_them(
    history: History, directory: Path, reopen: Open, running: Make, now: datetime
) -> None:
    history.observe([running()], at=now)
    for path in directory.iterdir():
        path.chmod(0o644)
    reopen().close()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in directory.glob("history.db*")}
    assert modes == {0o600}


@pytest.mark.usefixtures("filled")
def test_what_was_stored_is_there_after_reopening(reopen: Open) -> None:
    with closing(reopen()) as history:
        assert ids(history) == ["kept"]
        assert history.notice is None


@pytest.mark.parametrize("content", [b"this is no database" * 300, b"xy", b"SQLite format 3\0" * 9])
def test_a_file_that_is_no_database_is_set_aside(
    directory: Path, reopen: Open, content: bytes
) -> None:
    directory.mkdir()
    (directory / "history.db").write_bytes(content)
    with closing(reopen()) as history:
        assert ids(history) == []
        aside = directory / "history.db.damaged-20260102T120000Z"
        assert aside.read_bytes() == content
        assert history.notice == (
            f"The history was damaged; it was set aside as {aside}, and a new one was begun."
        )
    with closing(reopen()) as history:
        assert history.notice is None


def test_a_second_damaged_file_does_not_replace_the_first(directory: Path, reopen: Open) -> None:
    directory.mkdir()
    for content in (b"first", b"second"):
        (directory / "history.db").write_bytes(content)
        reopen().close()
    aside = sorted(directory.glob("history.db.damaged-*"))
    assert [path.read_bytes() for path in aside] == [b"first", b"second"]


@pytest.mark.usefixtures("filled")
def test_a_file_that_was_cut_short_is_set_aside(directory: Path, reopen: Open) -> None:
    path = directory / "history.db"
    os.truncate(path, path.stat().st_size // 2)
    with closing(reopen()) as history:
        assert ids(history) == []
        assert history.notice


def test_somebody_elses_database_is_set_aside(directory: Path, reopen: Open) -> None:
    directory.mkdir()
    with closing(sqlite3.connect(directory / "history.db")) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    with closing(reopen()) as history:
        assert history.notice
    (aside,) = directory.glob("history.db.damaged-*")
    with closing(sqlite3.connect(aside)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]


@pytest.mark.usefixtures("filled")
def test_damage_met_later_is_named_and_the_file_set_aside_next_time(
    directory: Path, reopen: Open, running: Make, now: datetime
) -> None:
    with closing(reopen()) as history:
        history.observe([running(str(number), filler="x" * 500) for number in range(200)], at=now)
    path = directory / "history.db"
    content = bytearray(path.read_bytes())
    content[30 * 4096 :] = b"\xff" * (len(content) - 30 * 4096)
    path.write_bytes(content)
    with closing(reopen()) as history:
        with pytest.raises(StorageError, match=r"^Damage was found in the history") as caught:
            history.records()
        assert "Start again" in str(caught.value)
    with closing(reopen()) as history:
        assert history.notice
        assert history.notice.startswith("The history was damaged")
        assert ids(history) == []
    (aside,) = directory.glob("history.db.damaged-*")
    assert aside.read_bytes() == bytes(content)


@pytest.mark.usefixtures("filled")
def test_an_unfounded_doubt_is_dropped(directory: Path, reopen: Open) -> None:
    (directory / "history.db.doubted").touch()
    with closing(reopen()) as history:
        assert ids(history) == ["kept"]
    assert not (directory / "history.db.doubted").exists()


def make_newer(directory: Path) -> None:
    with closing(sqlite3.connect(directory / "history.db")) as connection, connection:
        connection.execute("INSERT INTO migration VALUES ('from the future', 0)")


@pytest.mark.usefixtures("filled")
def test_a_newer_file_is_set_aside_whole(directory: Path, reopen: Open) -> None:
    make_newer(directory)
    with closing(reopen()) as history:
        assert ids(history) == []
        assert history.notice
        assert "newer batchtui" in history.notice
    (aside,) = directory.glob("history.db.newer-*")
    with closing(sqlite3.connect(aside)) as connection:
        assert connection.execute("SELECT id FROM batch").fetchall() == [("kept",)]


def test_a_newer_file_in_use_stays_where_it_is(
    history: History,
    directory: Path,
    reopen: Open,
    running: Make,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(store, "PATIENCE", 0.1)
    make_newer(directory)
    with pytest.raises(StorageError, match="another batchtui is using it"):
        reopen()
    history.observe([running()], at=now)
    assert ids(history) == ["msgbatch_1"]


@pytest.mark.usefixtures("filled")
def test_a_locked_file_is_not_a_damaged_one(
    directory: Path, reopen: Open, running: Make, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "PATIENCE", 0.1)
    with closing(sqlite3.connect(directory / "history.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with closing(reopen()) as history:
            assert ids(history) == ["kept"]
            with pytest.raises(StorageError, match=r"Another program keeps the history .* locked"):
                history.observe([running("more")], at=now)
            other.execute("ROLLBACK")
            history.observe([running("more")], at=now)
            assert len(ids(history)) == 2
    with closing(sqlite3.connect(directory / "history.db", isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("UPDATE migration SET applied_at = 0")
        with pytest.raises(StorageError, match=r"Another program keeps the history .* locked"):
            reopen()
    assert not list(directory.glob("history.db.*"))


def test_a_full_disk_keeps_what_was_there(
    reopen: Open, running: Make, now: datetime, directory: Path
) -> None:
    with closing(reopen()) as history:
        history.observe([running("kept")], at=now)
        (pages,) = history._store._connection.execute("PRAGMA page_count").fetchone()
        history._store._connection.execute(f"PRAGMA max_page_count={pages}")
        many = [running(str(number)) for number in range(1000)]
        with pytest.raises(StorageError, match=r"^The disk is full.*still there") as caught:
            history.observe([running("kept", processing_status="canceling"), *many], at=now)
        assert caught.value.kept
        assert [record.batch.processing_status for record in history.records()] == ["in_progress"]
        history.annotate("kept", label="still writable")
    with closing(reopen()) as history:
        assert ids(history) == ["kept"]
    assert not list(directory.glob("history.db.*"))


@pytest.fixture
def locked_away(now: datetime) -> Iterator[Path]:
    """A directory in which this process may not write, even if it was started by root."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name) / "config"
        directory.mkdir(mode=0o500)
        Path(name).chmod(0o755)
        root = os.geteuid() == 0
        if root:
            os.chown(directory, 65534, -1)
            os.seteuid(65534)
        yield directory
        if root:
            os.seteuid(0)


def test_a_directory_that_cannot_be_written(
    locked_away: Path, account: AccountKey, now: datetime
) -> None:
    with pytest.raises(StorageError, match=r"Cannot write the history .*: Permission denied"):
        History.open(locked_away, account, now=now)


@pytest.mark.usefixtures("filled")
def test_opening_twice_in_one_process_keeps_the_locks_of_the_first(
    directory: Path, reopen: Open, running: Make, now: datetime
) -> None:
    script = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('SELECT 1 FROM batch')"
    with closing(reopen()) as first:
        first.observe([running("second")], at=now)
        reopen().close()
        # Were the locks gone, this process would take itself for the last one and remove the log.
        subprocess.run([sys.executable, "-c", script, str(directory / "history.db")], check=True)
        assert (directory / "history.db-wal").exists()
        first.observe([running("third")], at=now)
    with closing(reopen()) as again:
        assert len(ids(again)) == 3


def test_a_path_that_is_no_directory(tmp_path: Path, account: AccountKey, now: datetime) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="Cannot write the history"):
        History.open(tmp_path / "file", account, now=now)
    with pytest.raises(StorageError, match="Cannot write the history"):
        History.open(tmp_path / "file" / "below", account, now=now)


def test_a_directory_with_an_odd_name(
    tmp_path: Path, account: AccountKey, running: Make, now: datetime
) -> None:
    directory = tmp_path / "100% odd?mode=ro#\x1b[31m\nname"
    with closing(History.open(directory, account, now=now)) as history:
        history.observe([running()], at=now)
    assert (directory / "history.db").exists()
    (directory / "history.db").write_bytes(b"damaged")
    with closing(History.open(directory, account, now=now + timedelta(1))) as history:
        assert history.notice
        assert history.notice.isprintable()


def test_a_closed_history_says_so(history: History) -> None:
    history.close()
    history.close()
    with pytest.raises(StorageError, match="closed"):
        history.records()


def test_in_memory_begins_with_what_a_file_holds_that_cannot_be_written(
    directory: Path, account: AccountKey, running: Make, reopen: Open, now: datetime
) -> None:
    with closing(reopen()) as history:
        history.observe([running("a"), running("b")], at=now)
        history.annotate("a", label="nightly")
    before = (directory / "history.db").read_bytes()
    with closing(History.in_memory(account, now=now, copied_from=directory)) as copy:
        assert sorted(ids(copy)) == ["a", "b"]
        copy.annotate("b", label="not kept")
        copy.observe([running("c")], at=now)
        assert copy.count() == 3
    assert (directory / "history.db").read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"no database", id="text"),
        pytest.param(b"SQLite format 3\x00" + b"\xff" * 5000, id="broken"),
    ],
)
def test_in_memory_does_without_a_file_that_makes_no_sense(
    directory: Path, account: AccountKey, running: Make, now: datetime, content: bytes
) -> None:
    directory.mkdir(exist_ok=True)
    (directory / "history.db").write_bytes(content)
    with closing(History.in_memory(account, now=now, copied_from=directory)) as history:
        assert ids(history) == []
        history.observe([running("a")], at=now)
        assert history.count() == 1


def test_what_failed_before_it_was_written_down_is_found_out(
    directory: Path, account: AccountKey, now: datetime
) -> None:
    body = b"""{"id": "a", "processing_status": "ended", "created_at": "2026-01-01T00:00:00Z",
        "request_counts": {"errored": 1}, "results_url": "x"}"""
    with closing(History.open(directory, account, now=now)) as history:
        history.observe([Sighting(decode_batch(body), body)], at=now)
    with closing(sqlite3.connect(directory / "history.db")) as connection, connection:
        connection.execute("DROP INDEX batch_failed")
        connection.execute("ALTER TABLE batch DROP COLUMN failed")
        connection.execute("DELETE FROM migration WHERE name = 'failed'")
    History.open(directory, account, now=now).close()
    with closing(sqlite3.connect(directory / "history.db")) as connection:
        assert connection.execute("SELECT failed FROM batch").fetchall() == [(1,)]
