"""`status`: from the history alone, in one line that a status bar can take."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import msgspec
import pytest

from batchtui.account.opening import results_directory
from batchtui.cli.standing import FIELDS, Standing
from batchtui.domain.account import AccountKey
from batchtui.domain.batch import Record, RequestCounts
from batchtui.domain.job import Part, Round
from batchtui.domain.view import Filter
from batchtui.history.glance import Glance
from batchtui.history.history import History
from batchtui.results.store import ResultStore
from batchtui.ui.rows import Rows
from tests.cli.conftest import Cli, Remember, batch_body

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ATTENTION = Filter.parse("is:attention")
NOWHERE = "http://127.0.0.1:9"


def running(batch_id: str, age: timedelta, **fields: object) -> bytes:
    now = {"processing_status": "in_progress", "ended_at": None, "results_url": None}
    return batch_body(batch_id, age=age, **now, request_counts={"processing": 100}, **fields)


def test_nothing_is_known_yet(cli: Cli, config: Path) -> None:
    done = cli("status")
    assert (done.exit_code, done.output) == (0, "no batches known yet\n")
    assert cli("status", "--format", "[{running}{next_eta: %}]").output == "[0]\n"
    known = json.loads(cli("status", "--json").output)
    assert (known["running"], known["updated_age"], known["next_name"]) == (0, None, None)
    assert not config.exists()


def test_a_template_that_is_no_utf8_is_printed_as_it_was_typed(cli: Cli) -> None:
    done = cli("status", "--format", os.fsdecode(b"\xff {running}"))
    assert done.stdout_bytes == b"\xff 0\n"


class Asked(Glance):
    """Knows nothing, and takes note of what it is asked for."""

    def __init__(self) -> None:
        self.moments: list[datetime] = []

    def ended_since(self, moment: datetime) -> list[Record]:
        self.moments.append(moment)
        return []


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Moves this machine into a time zone, as TZ names it."""

    def move(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


def test_a_day_begins_at_midnight_also_if_clocks_were_put_forward_since(
    tmp_path: Path, zone: Callable[[str], None]
) -> None:
    asked = Asked()
    zone("CET-1CEST,M3.5.0,M10.5.0/3")
    noon = datetime(2026, 3, 29, 10, tzinfo=UTC).astimezone()
    results = ResultStore(tmp_path)
    standing = Standing(asked, account="", now=noon, results=results, requests=tmp_path)
    assert standing.ended() == 0
    assert asked.moments == [datetime(2026, 3, 28, 23, tzinfo=UTC)]


def test_how_things_stand(cli: Cli, remember: Remember) -> None:
    remember(
        running("msgbatch_b", 2 * MINUTE),
        running("msgbatch_a", 3 * MINUTE),
        batch_body("msgbatch_c", age=30 * MINUTE, request_counts={"succeeded": 10}),
        batch_body("msgbatch_d", age=5 * DAY, request_counts={"succeeded": 10}),
        batch_body("msgbatch_e", age=27 * DAY),
    )
    done = cli("status")
    assert (done.exit_code, done.output) == (0, "2 running, next in ~16m, 1 to look at\n")
    known = json.loads(cli("status", "--json").output)
    assert list(known) == list(FIELDS)
    assert known["next_name"] == "msgbatch_a"
    assert known["requests"] == 200
    assert known["expiring"] == 1
    assert 170 < known["oldest_age"] < 300
    assert known["stale"] is None


def test_results_that_are_here_expire_for_nobody(
    cli: Cli, remember: Remember, config: Path
) -> None:
    remember(batch_body("msgbatch_e", age=27 * DAY))
    directory = results_directory(config, NOWHERE)
    directory.mkdir(parents=True)
    (directory / "msgbatch_e.jsonl").touch()
    assert cli("status", "--format", "{expiring}").output == "0\n"


def test_what_needs_a_person_is_what_the_list_says(
    cli: Cli, remember: Remember, config: Path
) -> None:
    fine = {"request_counts": {"succeeded": 2}}
    failed = {"request_counts": {"succeeded": 1, "errored": 1}}
    history = remember(
        batch_body("msgbatch_failed", age=9 * DAY, **failed),
        batch_body("msgbatch_failed_here", age=9 * DAY, **failed),
        batch_body("msgbatch_failed_deleted", age=9 * DAY, **failed),
        batch_body("msgbatch_archived", age=9 * DAY, archived_at=datetime.now(UTC), **failed),
        batch_body("msgbatch_failed_long_ago", age=30 * DAY, **failed),
        batch_body("msgbatch_canceled", age=9 * DAY, request_counts={"canceled": 2}),
        batch_body("msgbatch_fine", age=9 * DAY, **fine),
        batch_body("msgbatch_expiring", age=27 * DAY, **fine),
        running("msgbatch_new", HOUR),
        running("msgbatch_late", 25 * HOUR),
        *(batch_body(f"msgbatch_a{n}", age=9 * DAY, **failed) for n in (1, 2)),
        batch_body("msgbatch_b1", age=9 * DAY, **failed),
        batch_body("msgbatch_b2", age=9 * DAY, **fine),
        *(batch_body(f"msgbatch_c{n}", age=9 * DAY, **fine) for n in (1, 2)),
        batch_body("msgbatch_d1", age=9 * DAY, **fine),
        batch_body("msgbatch_e1", age=9 * DAY, **failed),
    )
    history.set_deleted("msgbatch_failed_deleted", at=datetime.now(UTC))
    for name, parts in {"a": 2, "b": 2, "c": 2, "d": 2, "e": 1}.items():
        known = [f"msgbatch_{name}{n}" for n in range(1, 3)]
        _remember_job(history, name, parts, [each for each in known if history.record(each)])
    directory = results_directory(config, NOWHERE)
    directory.mkdir(parents=True)
    for batch_id in ("msgbatch_failed_here", "msgbatch_b1"):
        (directory / f"{batch_id}.jsonl").touch()

    here = ResultStore(directory).here()
    records = {
        each.id: msgspec.structs.replace(each, results_here=each.id in here)
        for each in history.records()
    }
    rows = Rows(records, history.jobs.all()).top
    shown = [each for each in rows.values() if ATTENTION.shows(each, datetime.now(UTC))]
    assert sorted(each.name for each in shown) == [
        *"abd",
        *(f"msgbatch_{each}" for each in ("e1", "expiring", "failed", "late")),
    ]
    assert cli("status", "--format", "{attention}").output == f"{len(shown)}\n"


def _remember_job(history: History, name: str, parts: int, batch_ids: Sequence[str]) -> None:
    now = datetime.now(UTC)
    first = Round(0, "/data/requests.jsonl", 100, name.encode(), 20, now, RequestCounts())
    planned = [Part(n, 0, 0, 50, 1, 1, 64, b"p") for n in range(1, parts + 1)]
    job = history.jobs.add(name, first, planned, at=now)
    for number, batch_id in enumerate(batch_ids, 1):
        history.jobs.begin(job.key, number, at=now)
        history.jobs.created(job.key, number, batch_id)


def test_without_a_past_the_oldest_is_next(cli: Cli, remember: Remember) -> None:
    remember(running("msgbatch_b", 2 * MINUTE), running("msgbatch_a", 3 * MINUTE))
    done = cli("status", "--format", "{next_name}{next_eta:, %}")
    assert done.output == "msgbatch_a\n"


def test_old_news_are_called_so(cli: Cli, remember: Remember, config: Path) -> None:
    remember(running("msgbatch_a", 3 * HOUR)).close()
    with sqlite3.connect(config / "history.db") as connection:
        connection.execute("UPDATE account SET last_used_at = last_used_at - 7200000000")
    connection.close()
    assert cli("status").output == "1 running (as of 2h ago)\n"


@pytest.mark.parametrize(
    ("escape", "expected"),
    [
        ("none", "#[fg=red]%F{red}�[31m⏎$`\\"),
        ("tmux", "##[fg=red]%F{red}�[31m⏎$`\\"),
        ("zsh", "#[fg=red]%%F{red}�[31m⏎$%{%}'/"),
    ],
)
def test_names_give_no_commands(cli: Cli, remember: Remember, escape: str, expected: str) -> None:
    history = remember(running("msgbatch_a", 3 * MINUTE))
    history.annotate("msgbatch_a", label="#[fg=red]%F{red}\x1b[31m\n$`\\")
    done = cli("status", "--escape", escape, "--format", "#[bold]{next_name}")
    assert done.output == f"#[bold]{expected}\n"


ZSH = shutil.which("zsh")


@pytest.mark.skipif(ZSH is None, reason="needs zsh")
@pytest.mark.parametrize("subst", ["setopt", "unsetopt"])
@pytest.mark.parametrize("quote", ['"', "'"])
def test_zsh_runs_nothing_of_a_name(
    cli: Cli, remember: Remember, tmp_path: Path, subst: str, quote: str
) -> None:
    """Whether the prompt is made before it is expanded, or by that."""
    history = remember(running("msgbatch_a", 3 * MINUTE))
    history.annotate("msgbatch_a", label="$(touch a)`touch b`\\$(touch c)%F{red}$")
    line = cli("status", "--escape", "zsh", "--format", "{next_name}").output
    (tmp_path / "line").write_text(line)
    script = f"{subst} prompt_subst; PROMPT={quote}$(<line){quote}; print -P -- $PROMPT"
    done = subprocess.run(
        [str(ZSH), "-fc", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    if (subst, quote) != ("unsetopt", "'"):  # which shows no more than what it was set to
        assert done.stdout == "$(touch a)'touch b'/$(touch c)%F{red}$\n"
    assert not {"a", "b", "c"} & {each.name for each in tmp_path.iterdir()}


def test_a_field_that_there_is_not(cli: Cli) -> None:
    done = cli("status", "--format", "{runing}")
    assert done.exit_code != 0
    assert 'Did you mean "running"?' in done.stderr


def test_all_fields_are_in_the_help(cli: Cli) -> None:
    shown = cli("status", "--help").output
    assert all(f"  {name} " in shown for name in FIELDS)


def test_a_history_that_is_just_being_made(cli: Cli, config: Path) -> None:
    config.mkdir()
    (config / "history.db").touch()
    assert cli("status").output == "no batches known yet\n"


def test_a_history_that_cannot_be_read(cli: Cli, config: Path) -> None:
    config.mkdir()
    (config / "history.db").write_bytes(b"not a database" * 1000)
    done = cli("status")
    assert done.exit_code == 1
    assert "Damage was found in the history" in done.stderr
    assert (config / "history.db").read_bytes().startswith(b"not a database")


def test_nothing_is_changed_and_nobody_waited_for(
    cli: Cli, remember: Remember, config: Path
) -> None:
    history = remember(running("msgbatch_a", 3 * MINUTE))
    other = sqlite3.connect(config / "history.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    before = sorted(config.iterdir())
    assert cli("status", "--format", "{running}").output == "1\n"
    assert sorted(config.iterdir()) == before
    other.execute("ROLLBACK")
    other.close()
    assert len(history.running()) == 1


def test_a_history_of_an_older_version(cli: Cli, remember: Remember, config: Path) -> None:
    failed = batch_body("msgbatch_b", age=DAY, request_counts={"errored": 1})
    remember(running("msgbatch_a", 3 * MINUTE), failed).close()
    with sqlite3.connect(config / "history.db") as connection:
        for table in ("job", "part", "round", "told", "name"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("DROP INDEX batch_failed")
        for column in ("request_file", "failed"):
            connection.execute(f"ALTER TABLE batch DROP COLUMN {column}")
    connection.close()
    assert cli("status", "--format", "{running} {attention}").output == "1 1\n"
    (config / "config.toml").write_text("[accounts.x]\nkey_env = 'NOT_SET'\n")
    assert cli("status", "--account", "x", "--format", "{running}").output == "0\n"


def test_where_nothing_can_be_written(cli: Cli, remember: Remember, config: Path) -> None:
    remember(running("msgbatch_a", 3 * MINUTE)).close()
    config.chmod(0o500)
    try:
        assert cli("status", "--format", "{running}").output == "1\n"
    finally:
        config.chmod(0o700)


def test_little_is_imported(remember: Remember) -> None:
    remember(running("msgbatch_a", 3 * MINUTE))
    heavy = ("textual", "anthropic", "asyncio", "batchtui.history.history", "batchtui.api.client")
    code = (
        "import atexit, sys; from batchtui.__main__ import run;"
        f"atexit.register(lambda: print([each for each in {heavy!r} if each in sys.modules]));"
        "sys.argv = ['batchtui', 'status']; run()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "1 running\n[]\n"


def test_the_glance_knows_no_other_account(remember: Remember, config: Path) -> None:
    remember(running("msgbatch_a", 3 * MINUTE))
    assert Glance.open(config, AccountKey("https://elsewhere", "", "")) is None
    with Glance.open(config, AccountKey(NOWHERE, "", "")) or pytest.fail("it is known") as glance:
        assert [each.id for each in glance.running()] == ["msgbatch_a"]


def test_today_begins_at_midnight_where_one_is(
    remember: Remember, config: Path, zone: Callable[[str], None]
) -> None:
    zone("IST-5:30")
    midnight = datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=5, minutes=30)))

    def ended(batch_id: str, at: datetime, **counts: int) -> bytes:
        fields = {"created_at": at - HOUR, "ended_at": at, "request_counts": counts}
        return batch_body(batch_id, age=DAY, **fields)

    remember(
        ended("msgbatch_late", midnight - MINUTE, succeeded=1),
        ended("msgbatch_a", midnight, succeeded=1),
        ended("msgbatch_b", midnight + HOUR, succeeded=2, errored=1),
        ended("msgbatch_c", midnight + HOUR, errored=1),
    )
    with Glance.open(config, AccountKey(NOWHERE, "", "")) or pytest.fail("it is known") as glance:
        standing = Standing(
            glance,
            account="",
            now=midnight + 2 * HOUR,
            results=ResultStore(config / "results"),
            requests=config / "requests",
        )
        names = ("ended_today", "succeeded", "partial", "failed", "expired", "canceled")
        assert [FIELDS[name].read(standing) for name in names] == [3, 1, 1, 1, 0, 0]


def test_a_bad_config_file_is_for_others_to_report(cli: Cli, config: Path) -> None:
    config.mkdir()
    (config / "config.toml").write_text("theme = 3\n[broken")
    done = cli("status", "--format", "{account}: {running}")
    assert (done.exit_code, done.output) == (0, "environment: 0\n")
