"""`batchtui fetch` against the simulated API."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from batchtui.account.opening import results_directory
from batchtui.domain.batch import ResultsState
from batchtui.domain.result import UNREADABLE
from batchtui.history.history import History
from batchtui.results.opening import open_results_now
from batchtui.simulator.clock import FixedClock
from batchtui.simulator.server import RunningServer
from tests.cli.conftest import PATIENCE, Cli
from tests.conftest import StartSimulator

Use = Callable[[RunningServer], RunningServer]


def available(cli: Cli) -> list[str]:
    """The ids of batches whose results can be fetched, newest first."""
    listed = [
        json.loads(line) for line in cli("list", "--json", "--limit", "0").stdout.splitlines()
    ]
    return [each["id"] for each in listed if each["batchtui"]["results"] == ResultsState.AVAILABLE]


def test_results_are_fetched_and_kept(simulator: StartSimulator, use: Use, cli: Cli) -> None:
    server = use(simulator())
    first, second = available(cli)[-2:]
    done = cli("fetch", first, second, first)
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == [first, second]
    for line in lines:
        assert Path(line.partition(", in ")[2]).stat().st_size > 0
    calls = len(server.calls)
    again = cli("fetch", first)
    assert (again.exit_code, again.stdout) == (0, "")
    assert "here already" in again.stderr
    assert len(server.calls) == calls
    assert cli("fetch", "--again", first).stdout == lines[0] + "\n"


def test_what_is_kept_stays_within_the_limit(
    simulator: StartSimulator, use: Use, cli: Cli, config: Path
) -> None:
    use(simulator())
    old, new = available(cli)[:2]
    (config / "config.toml").write_text('cache_limit = "1 kB"\n')
    path = Path(cli("fetch", old).stdout.partition(", in ")[2].strip())
    for each in (path, path.with_suffix(".index")):
        os.utime(each, (0, 0))
    fetched = cli("fetch", new)
    assert fetched.exit_code == 0
    assert "1 older result file" in fetched.stderr
    assert [each.stem for each in path.parent.glob("*.jsonl")] == [new]
    assert old in available(cli)


def test_one_that_fails_does_not_keep_the_others_from_coming(
    simulator: StartSimulator, use: Use, cli: Cli
) -> None:
    server = use(simulator())
    bad, good = available(cli)[-2:]
    server.faults.add("400/results:1")
    done = cli("fetch", "--json", bad, good)
    assert done.exit_code == 1
    (came,) = map(json.loads, done.stdout.splitlines())
    assert came["id"] == good
    assert came["lines"] == sum(came["tally"].values())
    assert (came["unreadable"], came["duplicates"], came["differences"]) == ([], [], [])
    assert f"{bad}: " in done.stderr


def test_what_is_odd_is_said(simulator: StartSimulator, use: Use, cli: Cli) -> None:
    server = use(simulator())
    batch_id = available(cli)[-1]
    server.faults.add("garbage/results:1")
    done = cli("fetch", batch_id)
    assert done.exit_code == 0
    assert "Unreadable lines: 1" in done.stderr


def test_all_that_the_api_drops_soon(simulator: StartSimulator, use: Use, cli: Cli) -> None:
    use(simulator("crowd:10"))
    listed = [
        json.loads(line) for line in cli("list", "--json", "--limit", "0").stdout.splitlines()
    ]
    soon = datetime.now(UTC) + timedelta(days=20)
    wanted = {
        each["id"]
        for each in listed
        if each["batchtui"]["results"] == ResultsState.AVAILABLE
        and datetime.fromisoformat(each["batchtui"]["results_expire_at"]) < soon
    }
    done = cli("fetch", "--expiring", "20", "--json")
    assert done.exit_code == 0
    assert {json.loads(line)["id"] for line in done.stdout.splitlines()} == wanted
    assert wanted
    rest = cli("fetch", "--all-ended", "--json")
    fetched = {json.loads(line)["id"] for line in rest.stdout.splitlines()}
    assert fetched | wanted >= set(available(cli))
    assert not fetched & wanted
    assert "nothing to fetch" in cli("fetch", "--all-ended").stderr
    again = cli("fetch", "--expiring", "20", "--again", "--json")
    assert {json.loads(line)["id"] for line in again.stdout.splitlines()} == wanted


def test_what_ended_after_now_by_our_clock_is_fetched_with_all(
    simulator: StartSimulator, use: Use, cli: Cli
) -> None:
    use(simulator("big:3", clock=FixedClock(datetime.now(UTC) + timedelta(days=2))))
    assert "3 lines" in cli("fetch", "--all-ended").stdout


def test_what_makes_no_sense_is_said(cli: Cli, remember: Callable[..., History]) -> None:
    assert cli("fetch").exit_code == 2
    assert cli("fetch", "--expiring", "3", "msgbatch_1").exit_code == 2
    offline = cli("fetch", "--offline", "msgbatch_1")
    assert offline.exit_code == 2
    assert "offline" in offline.stderr


def fetching(batch_id: str, *before: str) -> subprocess.Popen[bytes]:
    command = [*before, sys.executable, "-m", "batchtui", "fetch", batch_id]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def parts(results: Path) -> list[Path]:
    return [path for path in results.glob(".*.part") if path.stat().st_size]


def test_killed_in_the_middle_it_leaves_nothing_that_looks_whole(
    simulator: StartSimulator, use: Use, cli: Cli, config: Path
) -> None:
    server = use(simulator())
    batch_id = available(cli)[-1]
    results = results_directory(config, server.base_url)
    server.faults.add("stall/results:1")
    with fetching(batch_id) as process:
        while not parts(results):
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
    assert [path.suffix for path in results.iterdir()] == [".part"]
    assert cli("fetch", batch_id).exit_code == 0
    assert sorted(path.suffix for path in results.iterdir()) == [".index", ".jsonl"]


def test_two_at_once_do_not_disturb_each_other(
    simulator: StartSimulator, use: Use, cli: Cli, config: Path
) -> None:
    server = use(simulator())
    batch_id = available(cli)[-1]
    server.faults.add("latency=0.5/results:2")
    with fetching(batch_id) as first, fetching(batch_id) as second:
        assert (first.wait(PATIENCE), second.wait(PATIENCE)) == (0, 0)
    assert [call.operation for call in server.calls].count("results") == 2
    results = results_directory(config, server.base_url)
    assert sorted(path.suffix for path in results.iterdir()) == [".index", ".jsonl"]
    with open_results_now(results / f"{batch_id}.jsonl") as file:
        assert UNREADABLE not in file.tally()


def test_a_disk_that_fills_up_is_said(
    simulator: StartSimulator, use: Use, cli: Cli, config: Path
) -> None:
    server = use(simulator("big:3000"))
    (batch_id, *_) = available(cli)
    limited = ["sh", "-c", 'ulimit -f 1000; exec "$@"', "sh"]
    with fetching(batch_id, *limited) as process:
        assert process.wait(PATIENCE) == 1
        assert process.stderr
        assert b"The disk is full" in process.stderr.read()
    assert list(results_directory(config, server.base_url).iterdir()) == []
