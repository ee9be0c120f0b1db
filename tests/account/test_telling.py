"""A teller over a real history, with real programs as hooks."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from batchtui.account import hooks
from batchtui.account.opening import Opened, open_account
from batchtui.account.telling import Teller
from batchtui.domain.batch import Batch, Record, RequestCounts
from batchtui.domain.errors import StorageError
from batchtui.domain.happening import Event
from batchtui.domain.job import Job, Part, PartState, Round
from batchtui.domain.job_record import job_record
from batchtui.history.told import LEASE, Told
from batchtui.settings.accounts import Choice, FoundIn
from batchtui.settings.credentials import identify
from batchtui.settings.schema import Hooks, Notify, Settings
from batchtui.simulator.clock import FixedClock
from tests.conftest import NOON

HOUR = timedelta(hours=1)
KITTY = {"TERM": "xterm-kitty"}
DIES = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from batchtui.domain.account import AccountKey
from batchtui.history.history import History

directory, *account, now = sys.argv[1:]
now = datetime.fromisoformat(now)
history = History.open(Path(directory), AccountKey(*account), now=now)
assert len(history.told.claim([("a", "end"), ("b", "end")], at=now)) == 2
history.told.settle([("b", "end")])
os.kill(os.getpid(), signal.SIGKILL)
"""
"""An instance that takes two events on, and is killed when it has told one of them."""

WORK = Choice(name="work", found_in=FoundIn.CONFIG)


def record(id_: str = "msgbatch_1", *, label: str = "", **counts: int) -> Record:
    """A batch of noon: running, or ended with these counts."""
    batch = Batch(id_, "in_progress", RequestCounts(processing=10), NOON)
    if counts:
        url = "https://x.test"
        batch = Batch(
            id_, "ended", RequestCounts(**counts), NOON, ended_at=NOON + HOUR, results_url=url
        )
    return Record(batch, NOON, NOON, label=label)


def done(id_: str) -> Record:
    """A batch of which every request succeeded."""
    return record(id_, succeeded=10)


def job(*members: Record, rounds: int = 1) -> Record:
    parts = [
        Part(number, 0, 0, 1, 1, 10, 1, state=PartState.CREATED, batch_id=each.id)
        for number, each in enumerate(members, 1)
    ]
    sent = [Round(each, "/r.jsonl", 1, b"", 10, NOON) for each in range(rounds)]
    whole = Job(7, "tickets", NOON, tuple(sent), tuple(parts))
    return job_record(whole, {each.id: each for each in members})


class Bench:
    """One instance, with what it wrote to its terminal and said of its hooks."""

    def __init__(self, opened: Opened, environ: Mapping[str, str], heard: bool) -> None:
        self.opened = opened
        self.written: list[str] = []
        self.troubles: list[str] = []
        self.teller = Teller(
            opened,
            environ=environ,
            write=self.written.append,
            on_trouble=self.troubles.append,
            heard=heard,
        )

    def look(self, *rows: Record) -> list[str]:
        return [f"{each.record.id} {each.event}" for each in self.teller.look(rows)]


class Benches:
    """Instances on one history."""

    def __init__(self, directory: Path, clock: FixedClock) -> None:
        self._directory = directory
        self._clock = clock
        self.all: list[Bench] = []

    def __call__(
        self,
        hooks: Hooks | None = None,
        *,
        environ: Mapping[str, str] = KITTY,
        choice: Choice | None = WORK,
        heard: bool = True,
        **notify: Any,
    ) -> Bench:
        opened = open_account(
            directory=self._directory,
            settings=Settings(hooks=hooks or Hooks(), notify=Notify(**notify)),
            identity=identify({}, base_url="https://api.test", api_key="key", workspace="wrk_1"),
            offline=True,
            clock=self._clock,
            choice=choice,
        )
        self.all.append(Bench(opened, {**os.environ, **environ}, heard))
        return self.all[-1]


@pytest.fixture
async def bench(tmp_path: Path, fixed_clock: FixedClock) -> AsyncIterator[Benches]:
    benches = Benches(tmp_path / "config", fixed_clock)
    yield benches
    for each in benches.all:
        await each.teller.close()
        await each.opened.account.close()


async def test_tells_the_end_of_what_it_saw_running(bench: Benches) -> None:
    one = bench()
    assert one.look(record("a"), done("b")) == []
    assert one.look(done("a"), done("b")) == ["a end"]
    assert one.look(done("a"), done("b")) == []
    assert one.written == ["\x07\x1b]9;batchtui: a ended: succeeded, 10 of 10 succeeded.\x07"]


async def test_tells_the_end_of_what_is_known_to_have_just_ended(bench: Benches) -> None:
    one, ended = bench(), record("a", succeeded=9, errored=1)
    assert [each.event for each in one.teller.look([ended], ended=[ended])] == [Event.PARTIAL]
    assert one.teller.look([ended], ended=[ended]) == []


async def test_a_job_ends_as_a_whole_and_once_a_round(bench: Benches) -> None:
    one = bench()
    part = record("a", succeeded=9, errored=1)
    one.look(job(record("a"), record("b")))
    assert one.look(job(part, record("b"))) == []
    assert one.look(job(part, done("b"))) == ["job:7 partial"]
    retried = [part, done("b"), record("c", succeeded=1)]
    assert one.look(job(*retried, rounds=2)) == ["job:7 partial"]  # seen only when it was over
    assert one.look(job(*retried, rounds=2)) == []


async def test_several_at_once_are_one_notification(bench: Benches) -> None:
    one = bench()
    one.look(record("a"), record("b"), record("c"))
    told = one.look(done("a"), record("b", errored=1), record("c"))
    assert told == ["a end", "b partial"]
    assert one.written == ["\x07\x1b]9;batchtui: 2 batches ended: 1 succeeded, 1 failed.\x07"]


async def test_warns_of_what_will_soon_be_too_late(bench: Benches, fixed_clock: FixedClock) -> None:
    one = bench()
    fixed_clock.advance(23 * 3600 + 1)
    late = msgspec.structs.replace(record("a"), last_seen_at=fixed_clock())
    assert one.look(late) == ["a expiring"]
    assert one.look(late) == []
    fixed_clock.advance(27.5 * 86400)
    assert one.look(done("a")) == ["a end", "a vanishing"]


async def test_the_terminal_is_not_told_of_what_was_so_before(
    bench: Benches, fixed_clock: FixedClock
) -> None:
    ended_long_ago = done("a")
    fixed_clock.advance(28.1 * 86400)
    one = bench()
    assert one.look(ended_long_ago) == ["a vanishing"]
    assert one.written == []
    two = bench()
    later = msgspec.structs.replace(
        record("b", succeeded=1),
        batch=msgspec.structs.replace(done("b").batch, created_at=NOON + 5 * HOUR),
    )
    assert two.look(later) == []
    fixed_clock.advance(5 * 3600)
    assert two.look(later) == ["b vanishing"]
    assert two.written[0].startswith("\x07")


async def test_each_way_of_telling_can_be_switched_off(bench: Benches) -> None:
    def tell(one: Bench, id_: str) -> list[str]:
        one.look(record(id_))
        assert one.look(done(id_)) == [f"{id_} end"]
        return one.written

    assert tell(bench(bell=False, desktop="none"), "a") == []
    assert tell(bench(desktop="none"), "b") == ["\x07"]
    assert tell(bench(environ={"TERM": "xterm-256color", "TERM_PROGRAM": ""}), "c") == ["\x07"]
    (written,) = tell(bench(bell=False, desktop="osc777"), "d")
    assert written.startswith("\x1b]777;notify;batchtui;d ended")
    (written,) = tell(bench(environ={**KITTY, "TMUX": "/tmp/tmux"}, bell=False), "e")
    assert written.startswith("\x1bPtmux;\x1b\x1b]9;batchtui: e ended")


async def test_new_settings_hold_from_then_on(bench: Benches) -> None:
    one = bench()
    one.teller.settings = Settings(notify=Notify(bell=False, desktop="none"))
    one.look(record("a"))
    assert one.look(done("a")) == ["a end"]
    assert one.written == []


async def test_of_two_instances_one_tells(bench: Benches) -> None:
    one, two = bench(), bench()
    for each in (one, two):
        each.look(record("a"), record("b"))
    assert one.look(done("a"), record("b")) == ["a end"]
    assert two.look(done("a"), done("b")) == ["b end"]
    assert one.look(done("a"), done("b")) == []


def noting(log: Path) -> Hooks:
    """A program that writes down whose end it is told of."""
    return Hooks(on_end=("sh", "-c", 'echo "$BATCHTUI_ID" >>"$0"', str(log)))


@pytest.mark.parametrize("service_first", [True, False])
async def test_without_a_terminal_only_programs_are_told(
    bench: Benches, tmp_path: Path, service_first: bool
) -> None:
    log = tmp_path / "log"
    service, app = bench(noting(log), heard=False), bench(noting(log))
    for each in (service, app):
        each.look(record("a"))
    first, second = (service, app) if service_first else (app, service)
    told = {each: each.look(done("a")) for each in (first, second)}
    assert told == {service: [], app: ["a end"]}
    assert "a ended" in app.written[0]
    assert service.written == []
    for each in (service, app):
        await each.teller.finish()
    assert log.read_text() == "a\n"


async def test_what_is_gone_has_not_ended(bench: Benches) -> None:
    one = bench()
    one.look(record("a"), record("b"))
    gone = msgspec.structs.replace(done("a"), deleted_at=NOON)
    lost = msgspec.structs.replace(record("b"), gone_at=NOON)
    assert one.look(gone, lost) == []


async def test_tells_all_the_same_if_it_cannot_be_written_down(
    bench: Benches, fixed_clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> set[tuple[str, str]]:
        raise StorageError("The disk is full")

    for name in ("claim", "settle", "release", "abandoned"):
        monkeypatch.setattr(Told, name, full)
    one = bench(Hooks(on_end=("true",)))
    one.look(record("a"))
    assert one.look(done("a")) == ["a end"]
    assert one.look(done("a")) == []
    fixed_clock.advance(28.1 * 86400)
    assert one.look(done("a")) == ["a vanishing"]
    assert one.look(done("a")) == []
    await one.teller.finish()
    assert one.troubles == []


async def test_a_hook_gets_the_facts(bench: Benches, tmp_path: Path) -> None:
    out = tmp_path / "out"
    script = f"cat > {out}.json; env -0 > {out}.env"
    one = bench(Hooks(on_partial=("sh", "-c", script)))
    one.look(record("a", label="x\x1b[31m"))
    one.look(record("a", label="x\x1b[31m", succeeded=8, errored=1, expired=1))
    await one.teller.finish()
    assert one.troubles == []
    environ = dict(each.split("=", 1) for each in read(f"{out}.env").split("\0") if each)
    ours = {name: value for name, value in environ.items() if name.startswith("BATCHTUI_")}
    assert ours == {
        "BATCHTUI_EVENT": "partial",
        "BATCHTUI_WORDS": "x\ufffd[31m ended: expired, 8 of 10 succeeded.",
        "BATCHTUI_ID": "a",
        "BATCHTUI_NAME": "x\ufffd[31m",
        "BATCHTUI_OUTCOME": "expired",
        "BATCHTUI_REQUESTS": "10",
        "BATCHTUI_PROCESSING": "0",
        "BATCHTUI_SUCCEEDED": "8",
        "BATCHTUI_ERRORED": "1",
        "BATCHTUI_CANCELED": "0",
        "BATCHTUI_EXPIRED": "1",
        "BATCHTUI_RESULTS": "available",
        "BATCHTUI_ENDPOINT": "https://api.test",
        "BATCHTUI_WORKSPACE": "wrk_1",
        "BATCHTUI_ACCOUNT": "work",
        "BATCHTUI_CONFIG_DIR": str(tmp_path / "config"),
    }
    assert environ["PATH"] == os.environ["PATH"]
    body = json.loads(read(f"{out}.json"))
    batches = body.pop("batches")
    assert [each["id"] for each in batches] == ["a"]
    assert body == {
        "event": "partial",
        "words": "x\ufffd[31m ended: expired, 8 of 10 succeeded.",
        "at": "2026-11-23T12:00:00Z",
        "kind": "batch",
        "id": "a",
        "name": "x\x1b[31m",
        "note": "",
        "account": {"name": "work", "endpoint": "https://api.test", "workspace": "wrk_1"},
        "outcome": "expired",
        "request_counts": {
            "processing": 0,
            "succeeded": 8,
            "errored": 1,
            "canceled": 0,
            "expired": 1,
        },
        "results": "available",
        "results_expire_at": "2026-12-22T12:00:00Z",
    }


async def test_a_hook_of_the_account_without_a_name_finds_the_same_server(
    bench: Benches, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    names = "BATCHTUI_ACCOUNT ANTHROPIC_BASE_URL ANTHROPIC_WORKSPACE_ID"
    one = bench(Hooks(on_end=("sh", "-c", f"printenv {names} > {out}")), choice=None)
    one.look(record("a"))
    one.look(done("a"))
    await one.teller.finish()
    assert read(str(out)).split() == ["environment", "https://api.test", "wrk_1"]


def read(path: str) -> str:
    return Path(path).read_text()


async def test_each_hook_is_for_its_events(bench: Benches, tmp_path: Path) -> None:
    log = tmp_path / "log"

    def hook(name: str) -> tuple[str, ...]:
        return ("sh", "-c", f'echo {name} "$BATCHTUI_EVENT" "$BATCHTUI_ID" >> {log}')

    one = bench(
        Hooks(on_end=hook("E"), on_partial=hook("P"), on_vanishing=hook("V"), on_expiring=hook("X"))
    )
    one.look(record("a"), job(record("b")))
    one.look(done("a"), job(record("b", errored=10)))
    await one.teller.finish()
    assert sorted(log.read_text().splitlines()) == [
        "E end a",
        "E end job:7",
        "P partial job:7",
    ]


async def test_what_was_not_begun_is_left_to_the_next_one(
    bench: Benches, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The person was told, and is not told again."""
    monkeypatch.setattr(hooks, "AT_ONCE", 1)
    log = tmp_path / "log"
    one, two = bench(Hooks(on_end=("sleep", "1000"))), bench(noting(log))
    for each in (one, two):
        each.look(record("a"), record("b"))
    ended = done("a"), done("b")
    assert one.look(*ended) == ["a end", "b end"]
    while one.teller._to_begin.keys() != {("b", "end hook")}:
        await asyncio.sleep(0.01)
    await one.teller.close()
    assert two.look(*ended) == []
    await two.teller.finish()
    assert log.read_text() == "b\n"


async def test_what_its_teller_died_over_is_told_by_another(
    bench: Benches, fixed_clock: FixedClock
) -> None:
    """It had taken the event on, and was killed before it could tell."""
    one, two = bench(), bench()
    for each in (one, two):
        each.look(record("a"), record("b"))
    assert die(one.opened, fixed_clock()) == -signal.SIGKILL
    ended = done("a"), done("b")
    assert two.look(*ended) == []
    fixed_clock.advance(LEASE.total_seconds() + 1)
    assert one.look(*ended) == ["a end"]
    assert two.look(*ended) == []


def die(opened: Opened, now: datetime) -> int:
    identity = opened.identity
    who = (identity.endpoint, identity.workspace, identity.fingerprint)
    command = [sys.executable, "-c", DIES, str(opened.directory), *who, str(now)]
    return subprocess.run(command, check=False).returncode
