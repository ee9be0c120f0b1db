"""Several processes at once, some of which are killed."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from batchtui.domain.account import AccountKey
from batchtui.domain.batch import Sighting
from batchtui.history.history import History

Make = Callable[..., Sighting]
Start = Callable[..., "subprocess.Popen[str]"]

PRELUDE = """
import msgspec, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from batchtui.domain.account import AccountKey
from batchtui.domain.batch import Sighting, decode_batch
from batchtui.domain.errors import StorageError
from batchtui.history.history import History

directory, me = Path(sys.argv[1]), sys.argv[2]
now = datetime(2026, 1, 2, 12, tzinfo=UTC)

account = AccountKey("https://api.anthropic.com", "wrkspc_1", "abc123")

def open_history():
    return History.open(directory, account, now=now)

def sighting(batch_id, **fields):
    raw = msgspec.json.encode(dict(id=batch_id, processing_status="in_progress",
        request_counts={"processing": 10}, created_at=now, filler="x" * 500) | fields)
    return Sighting(decode_batch(raw), raw)

def wait():
    print("ready", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def start(directory: Path) -> Start:
    """Starts a process that runs `script` and has said that it is ready."""

    def start(script: str, name: str = "") -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", PRELUDE + textwrap.dedent(script), str(directory), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        return process

    return start


def finish(processes: list[subprocess.Popen[str]]) -> list[str]:
    """Lets all of them go on at once; returns what each printed."""
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    printed = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes)
    return printed


def test_five_processes_open_and_write_at_once(
    start: Start, directory: Path, account: AccountKey, now: datetime
) -> None:
    script = """
        wait()
        history = open_history()
        assert history.notice is None, history.notice
        for step in range(30):
            at = now + timedelta(seconds=step)
            moved = sighting(f"{me}-0", request_counts={"processing": step})
            history.observe([sighting(f"{me}-{step}"), moved, sighting("shared")], at=at)
            history.annotate(f"{me}-{step}", label=me)
            assert len(history.records()) >= step
        history.close()
    """
    finish([start(script, name) for name in "abcde"])
    with closing(History.open(directory, account, now=now)) as history:
        assert history.notice is None
        labels = [record.label for record in history.records()]
        assert sorted(labels) == sorted(["", *"abcde" * 30])
        assert len(history.observations("a-0")) == 30
        assert len(history.observations("shared")) == 1


@pytest.mark.parametrize("what", ["damaged", "newer"])
def test_a_bad_file_is_set_aside_once_however_many_find_it(
    start: Start, directory: Path, account: AccountKey, now: datetime, what: str
) -> None:
    History.open(directory, account, now=now).close()
    if what == "newer":
        with closing(sqlite3.connect(directory / "history.db")) as connection, connection:
            connection.execute("INSERT INTO migration VALUES ('from the future', 0)")
    else:
        (directory / "history.db").write_bytes(b"damaged")
    script = """
        wait()
        history = open_history()
        print("noticed" if history.notice else "opened")
        history.observe([sighting(me)], at=now)
        sys.stdin.readline()
        history.close()
    """
    printed = finish([start(script, name) for name in "abcde"])
    assert sorted(printed) == ["noticed\n", *["opened\n"] * 4]
    assert len(list(directory.glob(f"history.db.{what}-*"))) == 1
    with closing(History.open(directory, account, now=now)) as history:
        assert {record.id for record in history.records()} == set("abcde")


def test_killed_in_the_middle_of_a_transaction(
    start: Start, directory: Path, account: AccountKey, running: Make, now: datetime
) -> None:
    process = start("""
        history = open_history()
        history.observe([sighting("before")], at=now)

        def endless():
            yield sighting("half")
            for number in range(2000):
                yield sighting(str(number))

        # Small enough a cache that part of the transaction is on disk before it ends.
        history._store._connection.execute("PRAGMA cache_size=5")
        with history._store.transaction() as connection:
            from batchtui.history import writing
            writing.observe(writing.Writer(connection, 1), endless(), now)
            wait()
    """)
    with closing(History.open(directory, account, now=now)) as history:
        assert [record.id for record in history.records()] == ["before"]
        process.send_signal(signal.SIGKILL)
        process.communicate()
        history.observe([running("after")], at=now)
        assert {record.id for record in history.records()} == {"before", "after"}
    with closing(History.open(directory, account, now=now)) as history:
        assert history.notice is None
        assert {record.id for record in history.records()} == {"before", "after"}
    with closing(sqlite3.connect(directory / "history.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_killed_at_any_moment_while_writing(
    start: Start, directory: Path, account: AccountKey, now: datetime
) -> None:
    script = """
        history = open_history()
        wait()
        for step in range(10_000):
            history.observe([sighting(f"{step}-{number}") for number in range(20)], at=now)
            print(step, flush=True)
    """
    for _ in range(3):
        process = start(script)
        assert process.stdin
        assert process.stdout
        process.stdin.write("\n")
        process.stdin.flush()
        for _ in range(5):
            done = int(process.stdout.readline())
        process.kill()
        process.communicate()
        with closing(History.open(directory, account, now=now)) as history:
            assert history.notice is None
            found = {record.id for record in history.records()}
        assert {f"{step}-{number}" for step in range(done) for number in range(20)} <= found
        assert len(found) % 20 == 0


def test_a_limit_on_file_size_is_one_sentence_and_loses_nothing(
    start: Start, directory: Path, account: AccountKey, now: datetime
) -> None:
    (printed,) = finish(
        [
            start("""
        import resource
        history = open_history()
        history.observe([sighting("before")], at=now)
        wait()
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        try:
            history.observe([sighting(str(number)) for number in range(2000)], at=now)
        except StorageError as error:
            print(error)
        print([record.id for record in history.records()])
    """)
        ]
    )
    sentence, ids = printed.splitlines()
    assert "history.db" in sentence
    assert "What it held before is still there." in sentence
    assert ids == "['before']"
    with closing(History.open(directory, account, now=now + timedelta(1))) as history:
        assert [record.id for record in history.records()] == ["before"]


def test_opening_loads_little() -> None:
    script = """
        import sys
        import batchtui.history
        heavy = {"anthropic", "asyncio", "httpx", "logging", "subprocess", "textual"}
        print(*sorted(heavy & sys.modules.keys()))
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "\n"
