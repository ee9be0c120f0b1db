"""Results on their way out of the command line: which, as what, and where to."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from batchtui.account.opening import results_directory
from batchtui.domain.text import UNSAFE
from batchtui.results.store import ResultStore
from batchtui.simulator.server import RunningServer
from tests.cli.conftest import PATIENCE, Cli, Process, Remember, Terminal, batch_body

Simulator = Callable[..., RunningServer]
Use = Callable[[RunningServer], RunningServer]
AtTerminal = Callable[..., Terminal]

HOUR = timedelta(hours=1)
ESCAPE = "\x1b]0;owned\x07"
USAGE = {"input_tokens": 1000, "output_tokens": 100}


def succeeded(custom_id: str, text: str, *, stop: str = "end_turn", model: str = "claude-x") -> str:
    content = [{"type": "text", "text": text}]
    message = {"model": model, "content": content, "stop_reason": stop, "usage": USAGE}
    return json.dumps({"custom_id": custom_id, "result": {"type": "succeeded", "message": message}})


def errored(custom_id: str, kind: str) -> str:
    error = {"type": "error", "error": {"type": kind, "message": f"no {ESCAPE}"}}
    return json.dumps({"custom_id": custom_id, "result": {"type": "errored", "error": error}})


LINES = (
    succeeded("a", "Grüße aus Uri"),
    succeeded("a2", "=1+1", stop="max_tokens"),
    succeeded("b", f"raw {ESCAPE}", model="claude-haiku-9"),
    errored("c", "overloaded_error"),
    errored("d", "martian_error"),
    '{"custom_id":"e","result":{"type":"beamed_up"}}',
)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory."""
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def kept(remember: Remember, config: Path, place: Path) -> Path:
    """The result file of `msgbatch_kept`, whose server cannot be reached."""
    counts = {"succeeded": 3, "errored": 3}
    remember(
        batch_body("msgbatch_kept", age=HOUR, request_counts=counts),
        batch_body("msgbatch_other", age=HOUR),
    )
    directory = results_directory(config, os.environ["ANTHROPIC_BASE_URL"])
    directory.mkdir(parents=True)
    path = ResultStore(directory).path("msgbatch_kept")
    path.write_text("\n".join(LINES) + "\n")
    return path


def ids(printed: bytes) -> list[str]:
    return [json.loads(line)["custom_id"] for line in printed.splitlines()]


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("text", ["msgbatch_kept", "msgbatch_k", "kept"])
def test_results_go_to_stdout_to_the_letter(cli: Cli, text: str) -> None:
    result = cli("results", text)
    assert result.exit_code == 0
    assert result.stdout_bytes.decode() == "\n".join(LINES) + "\n"
    assert result.stderr == ""


def test_bytes_that_are_no_text_are_kept(cli: Cli, kept: Path) -> None:
    data = b'{"custom_id":"x","result":{"type":"succeeded"}}\r\n\xff\xfe garbage \x1b[2J'
    kept.write_bytes(data)
    printed = cli("results", "msgbatch_kept").stdout_bytes
    assert printed == data.replace(b"\r", b"") + b"\n"


def test_what_is_not_here_is_downloaded_once(cli: Cli, simulator: Simulator, use: Use) -> None:
    server = use(simulator("crowd:3"))
    batch_id = json.loads(cli("list", "--limit", "1", "--json").stdout)["id"]
    offline = cli("results", batch_id, "--offline")
    assert (offline.exit_code, offline.stdout) == (1, "")
    assert "not here" in offline.stderr
    first, second = cli("results", batch_id), cli("results", batch_id)
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.stdout == second.stdout != ""
    assert "results are in" in first.stderr
    assert second.stderr == ""
    assert sum(call.operation == "results" for call in server.calls) == 1


def test_what_cannot_be_downloaded_is_said(cli: Cli, simulator: Simulator, use: Use) -> None:
    use(simulator("crowd:3"))
    result = cli("results", "msgbatch_nowhere")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "not found" in result.stderr


@pytest.mark.usefixtures("kept")
def test_a_custom_id_that_is_not_there_is_said(cli: Cli) -> None:
    result = cli("results", "kept", "--custom-id", "a", "--custom-id", "A")
    assert ids(result.stdout_bytes) == ["a"]
    assert 'There is no custom_id "A"' in result.stderr


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("--type errored", ["c", "d"]),
        ("--type errored --type beamed_up", ["c", "d", "e"]),
        ("--type expired", []),
        ("--stop-reason max_tokens", ["a2"]),
        ("--stop-reason refusal", []),
        ("--stop-reason max_tokens --stop-reason refusal", ["a2"]),
        ("--error-type martian_error", ["d"]),
        ("--error-type martian_error --error-type overloaded_error", ["c", "d"]),
        ("--model haiku", ["b"]),
        ("--model claude-x --model haiku", ["a", "a2", "b"]),
        ("--model nobody", []),
        ("--custom-id a", ["a"]),
        ("--custom-id e --custom-id a", ["a", "e"]),
        ("--type succeeded --limit 2", ["a", "a2"]),
        ("--type succeeded --model claude-x --custom-id b", []),
        ("--grep grüsse --grep grüße", ["a"]),
        ("--grep Uri", ["a"]),
        ("--grep URI", []),
        ("--grep u.i --regex", ["a"]),
        ("--grep no --type errored --limit 1", ["c"]),
    ],
)
def test_some_of_them(cli: Cli, words: str, found: list[str]) -> None:
    result = cli("results", "kept", *words.split())
    assert result.exit_code == 0
    assert ids(result.stdout_bytes) == found
    assert result.stderr == ("" if found else "No results fit.\n")


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--type zzz", '--type "zzz", only succeeded, errored, .*beamed_up'),
        ("--stop-reason zzz", "only end_turn, "),
        ("--error-type zzz", "overloaded_error.*martian_error"),
        ("--regex", "--grep"),
        ("--grep ( --regex", "no regular expression"),
        ("--limit 0", "--limit"),
        ("--format xml", "xml"),
        ("--format text", "--output"),
        ("--json", "--summary"),
        ("--summary --type errored", "all results"),
        ("--summary --output x", "all results"),
        ("--summary --format csv", "all results"),
        ("--output .", "is a directory"),
        ("--force", "for --output"),
        ("--summary --force", "for --output"),
    ],
)
def test_wrong_usage_is_said(cli: Cli, words: str, said: str, place: Path) -> None:
    result = cli("results", "kept", *words.split())
    assert (result.exit_code, result.stdout) == (2, "")
    assert re.search(said, result.stderr)
    assert list(place.iterdir()) == []


@pytest.mark.usefixtures("kept")
def test_formats_on_stdout(cli: Cli) -> None:
    text = cli("results", "kept", "--format", "csv").stdout_bytes.decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["custom_id"] for row in rows] == ["a", "a2", "b", "c", "d", "e"]
    assert [row["text"] for row in rows[:3]] == ["Grüße aus Uri", "'=1+1", f"raw {ESCAPE}"]
    markdown = cli("results", "kept", "--format", "markdown", "--custom-id", "a").stdout
    assert "```text\nGrüße aus Uri\n```" in markdown


@pytest.mark.usefixtures("kept")
def test_a_file_is_written_whole_and_replaced_only_by_force(cli: Cli, place: Path) -> None:
    path = place / "out.jsonl"
    first = cli("results", "kept", "--output", "out.jsonl")
    assert (first.exit_code, first.stdout) == (0, "")
    assert "6 results" in first.stderr
    assert path.read_text() == "\n".join(LINES) + "\n"
    again = cli("results", "kept", "--type", "errored", "--output", "out.jsonl")
    assert again.exit_code == 2
    assert "--force" in again.stderr
    assert path.read_text() == "\n".join(LINES) + "\n"
    forced = cli("results", "kept", "--type", "errored", "--output", "out.jsonl", "--force")
    assert forced.exit_code == 0
    assert ids(path.read_bytes()) == ["c", "d"]
    assert [each.name for each in place.iterdir()] == ["out.jsonl"]


@pytest.mark.usefixtures("kept")
def test_a_minus_is_stdout(cli: Cli, place: Path) -> None:
    assert ids(cli("results", "kept", "--output", "-").stdout_bytes)[0] == "a"
    assert list(place.iterdir()) == []


@pytest.mark.usefixtures("kept")
def test_a_text_file_for_each(cli: Cli, place: Path) -> None:
    words = ("results", "kept", "--format", "text", "--output", "texts")
    assert cli(*words, "--type", "succeeded").exit_code == 0
    assert sorted(each.name for each in (place / "texts").iterdir()) == ["a.txt", "a2.txt", "b.txt"]
    assert (place / "texts" / "a.txt").read_text() == "Grüße aus Uri"
    again = cli(*words, "--force")
    assert again.exit_code == 2
    assert "new, or empty" in again.stderr


@pytest.mark.usefixtures("kept")
def test_parquet_says_what_it_needs(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    result = cli("results", "kept", "--format", "parquet", "--output", "x.parquet")
    assert result.exit_code == 2
    assert "pip install 'batchtui[parquet]'" in result.stderr


def test_nothing_is_a_file_too(cli: Cli, kept: Path, place: Path) -> None:
    kept.write_bytes(b"")
    result = cli("results", "kept", "--format", "csv", "--output", "x.csv")
    assert result.exit_code == 0
    assert "no results" in result.stderr
    assert (place / "x.csv").read_text().startswith("custom_id,type,")


def test_a_file_that_was_cut_since_it_came_is_said(cli: Cli, kept: Path) -> None:
    assert cli("results", "kept").stderr == ""
    kept.write_text("\n".join(LINES[:2]) + "\n")
    for words in ((), ("--summary",)):
        cut = cli("results", "kept", *words)
        assert cut.exit_code == 0
        assert cut.stderr == "Warning: msgbatch_kept: The file has 2 lines for 6 requests.\n"


@pytest.mark.usefixtures("kept")
def test_the_summary(cli: Cli) -> None:
    result = cli("results", "kept", "--summary")
    assert result.exit_code == 0
    assert result.stderr == ""
    words = " ".join(result.stdout.split())
    for part in (
        "msgbatch_kept: 6 results",
        "3 succeeded",
        "1 beamed_up",
        "1 overloaded_error (may succeed when sent again)",
        "1 max_tokens (no full answer)",
        "1 claude-haiku-9",
        "300 out",
        "No price known for claude-x (2 results)",
    ):
        assert part in words
    assert "\x1b" not in result.stdout


@pytest.mark.usefixtures("kept")
def test_the_summary_has_a_cost_by_prices_of_a_day(cli: Cli, config: Path) -> None:
    kinds = ("input", "output", "cache_write_5m", "cache_write_1h", "cache_read")
    prices = "\n".join(f"{kind} = 1000" for kind in kinds)
    (config / "config.toml").write_text(f'[prices."claude-x"]\n{prices}\n')
    words = " ".join(cli("results", "kept", "--summary").stdout.split())
    assert "Cost $2.20, at the batch prices of 20" in words
    assert "2 claude-x, $2.20" in words
    assert "By your own prices for claude-x" in words
    assert "No price known for claude-haiku-9 (1 result)" in words


@pytest.mark.usefixtures("kept")
def test_the_summary_as_json(cli: Cli) -> None:
    found = json.loads(cli("results", "kept", "--summary", "--json").stdout)
    assert (found["id"], found["lines"], found["types"]["errored"]) == ("msgbatch_kept", 6, 2)
    assert found["errors"][0]["custom_id"] == "c"
    assert found["usage"]["output_tokens"] == 300
    assert found["output_tokens"]["median"] == 100
    assert found["cost"]["by_model"] == {}
    assert found["cost"]["unpriced"] == {"claude-x": 2, "claude-haiku-9": 1}


def test_the_summary_as_json_names_requests_that_json_cannot(cli: Cli, kept: Path) -> None:
    kept.write_text(errored("\ud800x", "api_error") + "\n")
    found = json.loads(cli("results", "kept", "--summary", "--json").stdout)
    assert found["errors"][0]["custom_id"] == "\ufffdx"


def test_the_summary_of_nothing(cli: Cli, kept: Path) -> None:
    kept.write_bytes(b"")
    assert cli("results", "kept", "--summary").stdout == "msgbatch_kept: 0 results, 0 B\n"


@pytest.mark.usefixtures("kept")
def test_who_reads_no_further_ends_it_quietly(kept: Path) -> None:
    kept.write_text("".join(f"{LINES[0]}\n" for _ in range(100_000)))
    command = [sys.executable, "-m", "batchtui", "results", "kept"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout
        assert running.stderr
        assert running.stdout.readline().decode().strip() == LINES[0]
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 0


@pytest.mark.parametrize("kind", ["csv", "text"])
def test_what_is_interrupted_leaves_nothing(kept: Path, place: Path, kind: str) -> None:
    kept.write_text("".join(f"{LINES[0]}\n" for _ in range(200_000)))
    words = ("results", "kept", "--format", kind, "--output", "out")
    command = [sys.executable, "-m", "batchtui", *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as running:
        assert running.stderr
        deadline = time.monotonic() + PATIENCE
        while not any(place.iterdir()):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        assert running.stderr.read().strip() == b"Interrupted."
    assert running.returncode == 130
    assert list(place.iterdir()) == []


@pytest.mark.usefixtures("kept")
def test_a_full_disk_is_said(process: Process) -> None:
    with open("/dev/full", "wb") as full:
        done = process("results", "kept", stdout=full, stderr=subprocess.PIPE, capture_output=False)
    assert done.returncode == 1
    assert b"cannot be written: No space left" in done.stderr


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize(
    "words",
    [(), ("--format", "csv"), ("--format", "markdown"), ("--summary",), ("--summary", "--json")],
)
def test_nothing_a_terminal_could_obey(terminal: AtTerminal, words: tuple[str, ...]) -> None:
    shown = terminal("results", "kept", *words, columns=60)
    assert shown.finish() == 0
    text = shown.raw.decode().replace("\r\n", "\n")
    assert UNSAFE.search(text) is None
    if not words:
        assert [json.loads(line) for line in text.splitlines()] == [*map(json.loads, LINES)]
    if words == ("--summary",):
        assert all(len(line) <= 60 for line in text.splitlines())


def test_raw_controls_become_escapes_on_a_terminal(terminal: AtTerminal, kept: Path) -> None:
    value = {"custom_id": "x", "result": {"type": "succeeded", "y": "\x9b2J\x7f\u202eü"}}
    kept.write_text(f"{json.dumps(value, ensure_ascii=False)}\n" * len(LINES))
    shown = terminal("results", "kept")
    assert shown.finish() == 0
    text = shown.raw.decode()
    assert list(map(json.loads, text.splitlines())) == [value] * len(LINES)
    assert UNSAFE.search(text.replace("\r\n", "")) is None


@pytest.mark.usefixtures("kept")
def test_parquet_is_not_for_terminals(terminal: AtTerminal) -> None:
    shown = terminal("results", "kept", "--format", "parquet")
    assert shown.finish() == 2
    assert b"--output" in shown.raw


def test_hostile_results_are_harmless(
    cli: Cli, simulator: Simulator, use: Use, terminal: AtTerminal, place: Path
) -> None:
    use(simulator("hostile"))
    cli("list", "--limit", "0")
    batch_id = "msgbatch_with/slash"
    assert cli("results", "--output", "all.jsonl", "--", batch_id).exit_code == 0
    for kind in ("jsonl", "csv", "markdown"):
        shown = terminal("results", "--format", kind, "--", batch_id)
        assert shown.finish() == 0
        assert UNSAFE.search(shown.raw.decode().replace("\r\n", "\n")) is None
    words = ("results", "--format", "text", "--output", "texts", "--", batch_id)
    assert cli(*words).exit_code == 0
    lines = (place / "all.jsonl").read_bytes().count(b"\n")
    assert len(list((place / "texts").iterdir())) == lines
    assert sorted(each.name for each in place.iterdir()) == ["all.jsonl", "texts"]
