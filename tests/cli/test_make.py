"""`batchtui make`, from data on the disk or stdin to a file or stdout."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, Process

USUAL = ("--model", "claude-x", "--max-tokens", "9")


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory."""
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.chdir(place)
    (place / "data.csv").write_text("id,text\n1,one\n2,two\n")
    return place


def test_a_file_is_made(cli: Cli, place: Path) -> None:
    (place / "prompt.txt").write_text("Say {text}.\n")
    done = cli("make", "--prompt", "@prompt.txt", *USUAL, "--output", "out.jsonl", "data.csv")
    assert done.exit_code == 0
    assert done.stdout == ""
    assert "2 requests, " in done.stderr
    assert "Next: batchtui check out.jsonl" in done.stderr
    first, second = map(json.loads, (place / "out.jsonl").read_text().splitlines())
    assert first["custom_id"] == "row-1"
    assert second["params"]["messages"] == [{"role": "user", "content": "Say two."}]


def test_nothing_is_overwritten_unasked(cli: Cli, place: Path) -> None:
    words = ("make", "--prompt", "{text}", *USUAL, "--output", "out.jsonl", "data.csv")
    (place / "out.jsonl").write_text("precious")
    done = cli(*words)
    assert done.exit_code == 2
    assert "--force" in done.stderr
    assert (place / "out.jsonl").read_text() == "precious"
    assert cli(*words, "--force").exit_code == 0
    assert len((place / "out.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize("target", [(), ("--output", "out.jsonl")])
def test_one_bad_row_leaves_nothing_behind(cli: Cli, place: Path, target: tuple[str, ...]) -> None:
    (place / "data.csv").write_text("text\n" + "x\n" * 100_000 + '""\n')
    done = cli("make", "--prompt", "{text}", *USUAL, *target, "data.csv")
    assert done.exit_code == 2
    assert done.stdout == ""
    assert 'In line 100002 there is no value for "text"' in done.stderr.replace(",", "")
    assert [each.name for each in place.iterdir()] == ["data.csv"]


def test_from_stdin_to_stdout(process: Process, place: Path) -> None:
    words = ("make", "--prompt", "{a}", *USUAL, "--id-column", "b", "-")
    done = process(*words, stdin=None, input=b'{"a": "\xc3\xbc", "b": "x/1"}\n')
    assert done.returncode == 0
    assert json.loads(done.stdout)["custom_id"] == "x_1"
    assert b'1 id had to be made to fit, such as "x/1", which became "x_1"' in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--prompt", "{x}"), 'no column "x"'),
        (("--prompt", "a } b"), "no placeholder"),
        (("--prompt", "@nowhere"), "cannot be read: No such file"),
        (("--prompt", "@~no-such-person/x"), "cannot be read: No such file"),
        (("--prompt", "a", "--set", "model=x"), "set by --model already"),
        (("--prompt", "a", "--system", "b", "--set", "system=x"), "set by --system already"),
        (("--prompt", "a", "--force"), "--force is for --output"),
        (("--prompt", "a", "--output", "."), "is a directory"),
        (("--prompt", "a", "--output", "no/where"), "no directory"),
    ],
)
def test_what_goes_wrong_is_a_sentence(cli: Cli, words: tuple[str, ...], said: str) -> None:
    done = cli("make", *words, *USUAL, "data.csv")
    assert done.exit_code in (1, 2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("data", ["nowhere.csv", "."])
def test_data_that_cannot_be_read(cli: Cli, data: str) -> None:
    done = cli("make", "--prompt", "a", *USUAL, data)
    assert done.exit_code == 1
    assert "cannot be read" in done.stderr


@pytest.mark.parametrize(("prompt", "data"), [("@/dev/zero", "data.csv"), ("{a}", "/dev/zero")])
def test_what_never_ends_is_not_read_for_ever(
    cli: Cli, place: Path, monkeypatch: pytest.MonkeyPatch, prompt: str, data: str
) -> None:
    monkeypatch.setattr("batchtui.cli.make.LONGEST_VALUE", 1000)
    monkeypatch.setattr("batchtui.submissions.table.LONGEST_LINE", 1000)
    done = cli("make", "--prompt", prompt, *USUAL, "--output", "out.jsonl", data)
    assert done.exit_code == 2
    assert "is longer than 1 kB" in done.stderr.replace("1.0 kB", "1 kB")
    assert [each.name for each in place.iterdir()] == ["data.csv"]
