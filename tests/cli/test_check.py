"""`batchtui check`, as a person and as a program sees it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, Process, Terminal

PARAMS = {
    "model": "claude-haiku-4-5",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "Say hello to everybody here, one by one."}],
}


def line(custom_id: str, **params: object) -> str:
    return json.dumps({"custom_id": custom_id, "params": PARAMS | params}) + "\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "requests.jsonl"
    path.write_text("".join(line(f"a-{number}") for number in range(1200)))
    return path


def test_a_good_file_for_a_person(cli: Cli, file: Path) -> None:
    done = cli("check", str(file), "--max-requests", "500")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        f"{file}: 1,200 requests, 204 kB",
        "",
        "Models",
        "  1,200  claude-haiku-4-5",
        "",
        "Becomes 3 batches",
        "  200 to 500 requests each, 85 kB at most, 204 kB to send",
        "",
        "Estimated, from the bytes of the text",
        "  16k to 43k tokens in",
        "  up to 120k tokens out, the sum of max_tokens",
        "  $0.0078 (input alone) to $0.3216 (longest answers), at the batch prices of 2026-11-23",
    ]
    assert done.stderr == ""


def test_a_good_file_for_a_program(cli: Cli, file: Path) -> None:
    done = cli("check", str(file), "--json", "--max-bytes", "100kB")
    found = json.loads(done.stdout)
    assert done.exit_code == 0
    assert found["ok"] is True
    assert (found["file"], found["requests"]) == (str(file), 1200)
    assert found["bytes"] == file.stat().st_size
    assert [each["requests"] for each in found["batches"]] == [588, 587, 25]
    assert [each["first_line"] for each in found["batches"]] == [1, 589, 1176]
    assert all(each["bytes"] <= 100_000 for each in found["batches"])
    assert found["estimate"]["most_output_tokens"] == 120_000
    assert 0 < found["estimate"]["usd"]["low"] < found["estimate"]["usd"]["high"]
    assert found["problems"] == found["warnings"] == []


def test_problems_are_grouped_and_more_are_counted(cli: Cli, file: Path) -> None:
    with file.open("a") as more:
        for number in range(30):
            more.write(line(f"b-{number}", max_tokens=0))
        more.write(line("a-7"))
        more.write(line("c", messages=[{"role": "user"}], temperature=1))
        more.write("{}\n")
    done = cli("check", str(file))
    assert done.exit_code == 1
    assert "Becomes" not in done.stdout
    assert done.stdout.splitlines()[2:14] == [
        "Problems",
        "  30  params.max_tokens must be 1 or more in a batch",
        "      line 1201 (b-0); line 1202 (b-1); line 1203 (b-2); line 1204 (b-3); line 1205 (b-4)"
        "; and 25 more",
        "   1  custom_id is used more than once",
        "      line 1231 (a-7) as in line 8",
        "   1  params.messages.*.content is missing",
        "      line 1232 (c) at params.messages.0.content",
        "   1  params.temperature is no longer taken, since version 2026-10-21 of the API",
        "      line 1232 (c)",
        "   1  custom_id is missing",
        "      line 1233",
        "   1  params is missing",
    ]
    found = json.loads(cli("check", str(file), "--json").stdout)
    assert found["ok"] is False
    assert found["batches"] == []
    assert found["problems"][0]["count"] == 30
    assert found["problems"][1]["first"] == [
        {"line": 1231, "custom_id": "a-7", "field": "custom_id", "first_line": 8}
    ]


def test_other_shapes_and_models_are_told(cli: Cli, file: Path) -> None:
    chat = {"custom_id": "c", "method": "POST", "url": "/v1/chat/completions", "body": PARAMS}
    file.write_text(f"{json.dumps(PARAMS | {'model': 'nova'})}\n\n{json.dumps(chat)}\n")
    done = cli("check", str(file))
    assert done.exit_code == 0
    assert "2 requests" in done.stdout
    assert "1 blank line" in done.stdout
    assert "as params alone, sent under the number of the line" in done.stdout
    assert "for chat completions, sent translated" in done.stdout
    assert "model nova is not known here" in done.stdout
    assert "No price known for nova (1 request)" in done.stdout


def test_text_a_terminal_could_obey_is_made_safe(cli: Cli, file: Path) -> None:
    evil = "\x1b]0;owned\x07"
    body = {"custom_id": evil, "params": PARAMS | {"model": evil}, evil: 1}
    file.write_text(json.dumps(body) + "\n")
    done = cli("check", str(file))
    assert done.exit_code == 1
    assert "\x1b" not in done.stdout
    assert "\x07" not in done.stdout


def test_stdin(process: Process, file: Path) -> None:
    with file.open("rb") as stream:
        done = process("check", "-", stdin=stream)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"stdin: 1,200 requests")
    assert done.stderr == b""


def test_a_pipe_that_dies_leaves_a_cut_line(file: Path) -> None:
    command = [sys.executable, "-m", "batchtui", "check", "-"]
    cut = file.read_bytes()[:-40]
    done = subprocess.run(command, input=cut, capture_output=True, check=False)
    assert done.returncode == 1
    assert b"is not JSON: it breaks off" in done.stdout
    assert b"line 1200" in done.stdout


def test_a_named_pipe_is_read_once(cli: Cli, file: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(file.read_bytes(),))
    writer.start()
    done = cli("check", str(pipe))
    writer.join()
    assert done.exit_code == 0
    assert "1,200 requests" in done.stdout


@pytest.mark.parametrize(
    ("name", "words"),
    [("", "is a directory"), ("missing.jsonl", "is not there")],
)
def test_what_is_no_file(cli: Cli, tmp_path: Path, name: str, words: str) -> None:
    done = cli("check", str(tmp_path / name))
    assert done.exit_code == 1
    assert words in done.stderr
    assert done.stdout == ""


def test_a_name_that_no_file_can_have(cli: Cli) -> None:
    done = cli("check", "x" * 5000)
    assert done.exit_code == 1
    assert "cannot be read" in done.stderr


def test_an_empty_file(cli: Cli, file: Path) -> None:
    file.write_bytes(b"")
    done = cli("check", str(file))
    assert done.exit_code == 1
    assert "There are no requests in it" in done.stdout


def test_progress_is_shown_at_a_terminal_and_taken_away(
    terminal: Callable[..., Terminal], file: Path
) -> None:
    started = terminal("check", str(file))
    assert started.finish() == 0
    shown, _, page = started.raw.partition(b"\x1b[K" + str(file).encode()[:10])
    assert b"requests, 60 kB of 204 kB" in shown
    assert b"Models" in page


@pytest.mark.parametrize("words", [("--max-requests", "0"), ("--max-requests", "100001")])
def test_limits_of_the_api_are_limits_here(cli: Cli, file: Path, words: tuple[str, str]) -> None:
    assert cli("check", str(file), *words).exit_code == 2
