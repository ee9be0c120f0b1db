"""Commands take the name of a job for all of its batches."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from batchtui.domain.account import AccountKey
from batchtui.domain.job import Job
from batchtui.history.history import History
from batchtui.settings.credentials import identify
from batchtui.simulator.server import RunningServer
from tests.cli.conftest import Cli, Process, Remember, batch_body
from tests.conftest import StartSimulator
from tests.jobs import make_job

HOUR = timedelta(hours=1)


@pytest.fixture
def history(remember: Remember) -> History:
    """Three batches, one of them running."""
    running = {"processing_status": "in_progress", "ended_at": None, "results_url": None}
    return remember(
        batch_body("msgbatch_1", age=3 * HOUR),
        batch_body("msgbatch_2", age=2 * HOUR),
        batch_body("msgbatch_3", age=HOUR, request_counts={"processing": 10}, **running),
    )


def add(
    history: History, *batch_ids: str, name: str = "tickets", unsent: Sequence[int] = ()
) -> Job:
    return make_job(history, name, batch_ids, unsent=unsent, at=datetime.now(UTC))


def test_show_tells_how_each_batch_of_a_job_stands(cli: Cli, history: History) -> None:
    add(history, "msgbatch_1", "msgbatch_3", unsent=[5])
    page = cli("show", "tickets", "--offline").stdout
    assert "stopped: 2 of 3 batches sent, 5 requests not" in page
    assert "batchtui submit /data/requests.jsonl --resume --name tickets" in page
    assert "25: 9 succeeded, 1 errored, 10 processing, 5 not sent" in page
    assert "1/3  msgbatch_1  partial, 10 requests" in page
    assert "2/3  msgbatch_3  running, 10 requests" in page
    assert "3/3  not sent, 5 requests" in page
    facts = json.loads(cli("show", "tickets", "--offline", "--json").stdout)
    assert (facts["name"], facts["unsent"]) == ("tickets", 1)
    batch = cli("show", "msgbatch_3", "--offline").stdout.splitlines()
    assert [line.split()[1:] for line in batch if line.startswith("job")] == [["tickets,", "2/3"]]


def test_a_job_that_is_one_batch_is_shown_as_that(cli: Cli, history: History) -> None:
    add(history, "msgbatch_1")
    assert "msgbatch_1" in cli("show", "tickets", "--offline").stdout.splitlines()[0]


def test_the_list_says_to_which_job_a_batch_belongs(cli: Cli, history: History) -> None:
    add(history, "msgbatch_1", "msgbatch_3")
    lines = map(json.loads, cli("list", "--offline", "--json").stdout.splitlines())
    jobs = {line["id"]: line["batchtui"]["job"] for line in lines}
    assert jobs == {"msgbatch_1": "tickets", "msgbatch_2": "", "msgbatch_3": "tickets"}


def test_a_name_that_is_another_batch_s_label_is_ambiguous(cli: Cli, history: History) -> None:
    job = add(history, "msgbatch_1", "msgbatch_3")
    history.annotate("msgbatch_1", label="tickets")  # of its own batches it may be
    assert cli("show", "tickets", "--offline").exit_code == 0
    history.annotate("msgbatch_2", label="tickets")
    result = cli("show", "tickets", "--offline")
    assert result.exit_code == 2
    assert "may mean the job of 2 batches or msgbatch_2 (tickets)" in result.stderr
    assert cli("show", job.id, "--offline").exit_code == 0


def test_a_job_is_not_linked_with_another_file(cli: Cli, history: History) -> None:
    add(history, "msgbatch_1", "msgbatch_3")
    result = cli("link", "tickets", "--remove")
    assert result.exit_code == 2
    assert "A job stays linked with the file it was sent from" in result.stderr


def test_a_job_of_which_nothing_was_sent_has_nothing_to_act_on(cli: Cli, history: History) -> None:
    add(history, unsent=[5])
    result = cli("cache", "prune", "tickets")
    assert result.exit_code == 2
    assert 'Nothing of the job "tickets" was sent yet' in result.stderr
    assert cli("show", "job:999999", "--offline").exit_code == 2


def test_names_of_jobs_are_offered(process: Process, history: History) -> None:
    add(history, "msgbatch_1", "msgbatch_3")
    add(history, "msgbatch_2", name="two words")
    environ = os.environ | {
        "_BATCHTUI_COMPLETE": "bash_complete",
        "COMP_WORDS": "batchtui show t",
        "COMP_CWORD": "2",
    }
    assert process(env=environ).stdout.decode().split() == ["plain,tickets"]


def test_cancel_and_fetch_act_on_the_batches_of_a_job(
    cli: Cli,
    simulator: StartSimulator,
    use: Callable[[RunningServer], RunningServer],
    config: Path,
) -> None:
    use(simulator("demo"))

    def ids(outcome: str) -> list[str]:
        lines = cli("list", "--json", "--outcome", outcome, "--limit", "2").stdout.splitlines()
        return [json.loads(line)["id"] for line in lines]

    running, ended = ids("running"), ids("succeeded")
    identity = identify(os.environ)
    key = AccountKey(identity.endpoint, identity.workspace, identity.fingerprint)
    history = History.open(config, key, now=datetime.now(UTC))
    add(history, *running, unsent=[5])
    add(history, *ended, name="done")
    history.close()

    canceled = cli("cancel", "--yes", "tickets")
    assert {*canceled.stdout.splitlines()} == {f"{each} is being canceled" for each in running}
    assert "tickets: 1 batch not sent, and left so" in canceled.stderr
    fetched = cli("fetch", "done")
    assert fetched.exit_code == 0
    assert [line.split()[0] for line in fetched.stdout.splitlines()] == ended
    shown = cli("show", "tickets")
    assert shown.exit_code == 0
    assert "2 of 3 batches sent" in shown.stdout


def test_a_job_of_which_nothing_was_sent_is_forgotten_by_its_id(cli: Cli, history: History) -> None:
    job = add(history, unsent=[5])
    assert cli("jobs", "--forget", "job:99").exit_code == 2
    assert cli("jobs", "--forget", job.id).exit_code == 0
    assert history.jobs.all() == []
