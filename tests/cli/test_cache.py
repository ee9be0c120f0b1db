"""`batchtui cache`: what is kept, and removing some of it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from batchtui.account.opening import results_directory
from batchtui.cli.quantities import Span, Volume
from batchtui.results.opening import open_results_now
from tests.cli.conftest import Cli, Remember, Terminal, batch_body

LINE = b'{"custom_id":"a","result":{"type":"canceled"}}\n'
DAY = 86400.0


@pytest.fixture
def directory(config: Path, remember: Remember) -> Path:
    """Four result files: of batches the API has, has dropped, that failed, and of none known."""
    remember(
        batch_body("msgbatch_here", age=timedelta(days=3)),
        batch_body("msgbatch_gone", age=timedelta(days=40)),
        batch_body("msgbatch_bad", age=timedelta(days=5), request_counts={"errored": 3}),
    )
    results = results_directory(config, "http://127.0.0.1:9")
    results.mkdir(parents=True)
    for age, name in enumerate(("here", "gone", "bad", "strange"), 1):
        path = results / f"msgbatch_{name}.jsonl"
        path.write_bytes(LINE * age)
        open_results_now(path).close()
        for each in (path, path.with_suffix(".index")):
            at = path.stat().st_mtime - age * DAY - 60
            os.utime(each, (at, at))
    return results


def kept(directory: Path) -> set[str]:
    return {path.stem.removeprefix("msgbatch_") for path in directory.glob("*.jsonl")}


def test_what_is_kept_is_listed(cli: Cli, directory: Path) -> None:
    shown = cli("cache")
    assert shown.exit_code == 0
    first, *rows = shown.stdout.splitlines()
    assert first.split() == ["batch", "lines", "size", "fetched", "used", "api"]
    assert [row.split()[0].removeprefix("msgbatch_") for row in rows] == [
        "here", "gone", "bad", "strange"
    ]  # fmt: skip
    assert rows[0].endswith("has them")
    assert rows[1].endswith("no longer")
    assert "4 files" in shown.stderr
    facts = [json.loads(line) for line in cli("cache", "--json").stdout.splitlines()]
    assert [each["lines"] for each in facts] == [1, 2, 3, 4]
    assert [each["on_server"] for each in facts] == [True, False, True, False]
    assert facts[0]["used_at"] == facts[0]["fetched_at"]


def test_opening_results_is_using_them(cli: Cli, directory: Path) -> None:
    open_results_now(directory / "msgbatch_bad.jsonl").close()
    (first, *_) = [json.loads(line) for line in cli("cache", "--json").stdout.splitlines()]
    assert first["id"] == "msgbatch_bad"
    assert first["used_at"] > first["fetched_at"]


@pytest.mark.parametrize(
    ("options", "left"),
    [
        (["--older-than", "2d"], {"here", "gone", "strange"}),
        (["--unused-for", "12h"], {"gone", "strange"}),
        (["--max-size", "0"], {"gone", "strange"}),
        (["--max-size", "1GB"], {"here", "gone", "bad", "strange"}),
        (["--outcome", "failed"], {"here", "gone", "strange"}),
        (["--outcome", "failed", "--older-than", "30d"], {"here", "gone", "bad", "strange"}),
        (["msgbatch_gone", "msgbatch_strange"], {"here", "bad"}),
        ([], {"here", "gone", "bad", "strange"}),
    ],
)
def test_pruning(cli: Cli, directory: Path, options: list[str], left: set[str]) -> None:
    planned = cli("cache", "prune", "--dry-run", *options)
    assert planned.exit_code == 0
    assert kept(directory) == {"here", "gone", "bad", "strange"}
    done = cli("cache", "prune", "--yes", *options)
    assert done.exit_code == 0
    assert kept(directory) == left
    assert {path.stem.removeprefix("msgbatch_") for path in directory.glob("*.index")} == left
    number = 4 - len(left)
    assert f"{number} file{'' if number == 1 else 's'}" in done.stdout


def test_what_cannot_be_had_again_is_said_to_stay(cli: Cli, directory: Path) -> None:
    assert "2 files stay" in cli("cache", "prune", "--dry-run", "--older-than", "1h").stderr


def test_leftovers_go_in_any_case(cli: Cli, directory: Path) -> None:
    (directory / "msgbatch_lone.index").write_bytes(b"x")
    (directory / ".0123.part").write_bytes(b"half")
    done = cli("cache", "prune")
    assert done.exit_code == 0
    assert "2 files left over" in done.stderr
    assert len(list(directory.iterdir())) == 8


def test_files_of_other_servers_are_counted_and_left_alone(cli: Cli, directory: Path) -> None:
    other = directory.parent / "api.example.com"
    other.mkdir()
    (other / "msgbatch_here.jsonl").write_bytes(LINE)
    assert "1 file more" in cli("cache").stderr
    cli("cache", "prune", "--yes", "--max-size", "0")
    assert (other / "msgbatch_here.jsonl").exists()


def test_nothing_is_removed_unasked(
    cli: Cli, directory: Path, terminal: Callable[..., Terminal]
) -> None:
    refused = cli("cache", "prune", "--older-than", "1h")
    assert refused.exit_code == 2
    assert "--yes" in refused.stderr
    asked = terminal("cache", "prune", "--older-than", "1h")
    asked.read_until("[y/N]")
    asked.type("\n")
    assert asked.finish() == 1
    assert kept(directory) == {"here", "gone", "bad", "strange"}
    assert cli("cache", "prune", "--yes", "msgbatch_nowhere").exit_code == 1


def spans() -> Iterator[tuple[str, timedelta]]:
    yield from (("30d", timedelta(days=30)), ("12h", timedelta(hours=12)), ("2w", timedelta(14)))
    yield "999999w", timedelta(days=365_000)


@pytest.mark.parametrize(("typed", "meant"), spans())
def test_times_as_typed(typed: str, meant: timedelta) -> None:
    assert Span().convert(typed, None, None) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("5GB", 5 * 10**9), ("1.5mb", 1_500_000), ("0", 0), ("300 kB", 300_000), ("7t", 7 * 10**12)],
)
def test_sizes_as_typed(typed: str, meant: int) -> None:
    assert Volume().convert(typed, None, None) == meant


@pytest.mark.usefixtures("directory")
def test_names_of_directories_that_are_no_text_are_shown(cli: Cli, config: Path) -> None:
    odd = config.with_name(os.fsdecode(b"\xff"))
    odd.symlink_to(config)
    facts = cli("cache", "--json", "--config-dir", str(odd)).stdout.splitlines()
    assert {Path(json.loads(line)["path"]).parents[2].name for line in facts} == {"\ufffd"}


@pytest.mark.parametrize("typed", ["nan", "inf", "-1", "many"])
def test_what_is_no_number_is_said(cli: Cli, typed: str) -> None:
    for words in (("fetch", f"--expiring={typed}"), (f"--interval={typed}", "list")):
        refused = cli(*words)
        assert refused.exit_code == 2
        assert words[0 if "list" in words else 1].partition("=")[0] in refused.stderr


def test_a_time_without_a_unit_is_days() -> None:
    convert = Span().convert
    assert convert("3", None, None) == convert("3d", None, None) == timedelta(days=3)
    assert convert("1.5h", None, None) == timedelta(minutes=90)


@pytest.mark.parametrize("option", ["--older-than=30x", "--unused-for=d", "--max-size=big"])
def test_what_is_no_quantity_is_said(cli: Cli, directory: Path, option: str) -> None:
    refused = cli("cache", "prune", option)
    assert refused.exit_code == 2
    assert "Expected a" in refused.stderr
