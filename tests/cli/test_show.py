from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from batchtui.simulator.server import RunningServer
from tests.cli.conftest import Cli, Remember, batch_body

Simulator = Callable[..., RunningServer]
Use = Callable[[RunningServer], RunningServer]

HOUR = timedelta(hours=1)


def newest(cli: Cli) -> str:
    batch_id = json.loads(cli("list", "--limit", "1", "--json").stdout)["id"]
    assert isinstance(batch_id, str)
    return batch_id


def test_a_batch_is_read_and_shown(cli: Cli, simulator: Simulator, use: Use) -> None:
    use(simulator("crowd:3"))
    batch_id = newest(cli)
    result = cli("show", batch_id)
    assert result.exit_code == 0
    assert batch_id in result.stdout
    assert "requests" in result.stdout


def test_the_beginning_of_an_id_is_enough(cli: Cli, simulator: Simulator, use: Use) -> None:
    use(simulator("crowd:3"))
    batch_id = newest(cli)
    for text in (batch_id[:-3], batch_id.removeprefix("msgbatch_")[:8]):
        assert json.loads(cli("show", text, "--json").stdout)["id"] == batch_id


def test_a_label_is_enough(cli: Cli, remember: Remember) -> None:
    history = remember(batch_body("msgbatch_a", age=HOUR), batch_body("msgbatch_b", age=HOUR))
    history.annotate("msgbatch_b", label="nightly", note="prompt v14", pinned=True)
    result = cli("show", "nightly", "--offline")
    assert "msgbatch_b" in result.stdout
    assert "prompt v14" in result.stdout


def test_what_may_mean_several_says_which(cli: Cli, remember: Remember) -> None:
    history = remember(batch_body("msgbatch_a1", age=HOUR), batch_body("msgbatch_a2", age=HOUR))
    history.annotate("msgbatch_a2", label="nightly\x1b[2J")
    result = cli("show", "msgbatch_a", "--offline")
    assert result.exit_code == 2
    assert "msgbatch_a1" in result.stderr
    assert "msgbatch_a2 (nightly" in result.stderr
    assert "\x1b" not in result.stderr


@pytest.mark.parametrize("text", ["msgbatch_x", "", "  ", "a\x1b[2Jb", "../../etc"])
def test_what_is_not_known_is_wrong_usage_offline(cli: Cli, remember: Remember, text: str) -> None:
    remember(batch_body("msgbatch_a", age=HOUR))
    result = cli("show", text, "--offline")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "\x1b" not in result.stderr


def test_what_the_server_does_not_know_either_is_a_failure(
    cli: Cli, simulator: Simulator, use: Use
) -> None:
    use(simulator("crowd:3"))
    result = cli("show", "msgbatch_x")
    assert result.exit_code == 1
    assert "not found" in result.stderr


def test_a_batch_deleted_from_here_is_shown_without_ado(
    cli: Cli, simulator: Simulator, use: Use
) -> None:
    use(simulator("crowd:3"))
    batch_id = newest(cli)
    assert cli("delete", batch_id, "--yes").exit_code == 0
    result = cli("show", batch_id)
    assert result.exit_code == 0
    assert "deleted" in result.stdout
    assert result.stderr == ""


def test_a_running_batch_has_a_forecast(cli: Cli, remember: Remember) -> None:
    running = batch_body(
        "msgbatch_running",
        age=timedelta(minutes=5),
        processing_status="in_progress",
        request_counts={"processing": 10},
        ended_at=None,
        results_url=None,
        created_at=datetime.now(UTC) - timedelta(minutes=5),
    )
    remember(running, *(batch_body(f"msgbatch_{n}", age=HOUR * (n + 1)) for n in range(6)))
    result = cli("show", "msgbatch_running", "--offline")
    assert "forecast" in result.stdout
    assert "n=6" in result.stdout


def test_help_names_the_options(cli: Cli) -> None:
    text = cli("show", "--help").stdout
    assert all(word in text for word in ("ID", "--json", "--offline", "--profile"))
