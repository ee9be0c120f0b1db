"""What a typed path may become."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from batchtui.ui.files import MOST, Listing, look, still_there


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    place = tmp_path / "place"
    place.mkdir()
    for name in ("requests-a.jsonl", "requests-b.jsonl", "readme.txt", ".hidden.jsonl"):
        (place / name).write_text("12345")
    (place / "results").mkdir()
    (place / "old.jsonl").mkdir()
    return place


def names(listing: Listing) -> list[str]:
    return [each.name for each in listing.entries]


def test_request_files_come_first_then_directories_then_all_others(directory: Path) -> None:
    found = look(f"{directory}/")
    assert names(found) == [
        "requests-a.jsonl",
        "requests-b.jsonl",
        "old.jsonl",
        "results",
        "readme.txt",
    ]
    assert [each.directory for each in found.entries] == [False, False, True, True, False]
    assert found.entries[0].path == f"{directory}/requests-a.jsonl"
    assert found.entries[0].size == 5
    assert found.entries[0].changed_at
    assert found.entries[3].path == f"{directory}/results/"
    assert found.matches == 5
    assert found.completed == f"{directory}/"


def test_what_all_matches_have_in_common_is_the_completion(directory: Path) -> None:
    assert look(f"{directory}/r").completed == f"{directory}/re"
    assert look(f"{directory}/req").completed == f"{directory}/requests-"
    assert look(f"{directory}/res").completed == f"{directory}/results/"
    assert look(f"{directory}/requests-a").completed == f"{directory}/requests-a.jsonl"
    assert look(f"{directory}/x").completed == f"{directory}/x"
    assert look("..").completed == "../"


def test_hidden_files_are_for_those_who_type_their_dot(directory: Path) -> None:
    assert names(look(f"{directory}/.")) == [".hidden.jsonl"]
    assert look(f"{directory}/.h").completed == f"{directory}/.hidden.jsonl"


def test_home_stays_as_it_was_typed(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(directory))
    assert look("~").completed == "~/"
    assert look("~/req").completed == "~/requests-"
    assert look("~/requests-a").entries[0].path == "~/requests-a.jsonl"


def test_here_is_where_nothing_else_is_said(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(directory)
    assert look("").entries[0].path == "requests-a.jsonl"
    assert look("readme").completed == "readme.txt"


def test_what_cannot_be_read_says_why(directory: Path) -> None:
    assert look(f"{directory}/nowhere/x").trouble == "No such file or directory"
    assert look(f"{directory}/readme.txt/x").trouble == "Not a directory"
    assert look("a\0/b").trouble
    assert look("~nobody/x").trouble


def test_hostile_names_are_shown_but_not_completed(directory: Path) -> None:
    (directory / "evil\x1b]0;\n.jsonl").touch()
    os.mkdir(os.fsencode(directory) + b"/evil-\xff")
    found = look(f"{directory}/ev")
    assert len(found.entries) == 2
    assert not any(each.typable for each in found.entries)
    assert found.completed == f"{directory}/ev"


def test_of_many_some_are_shown_and_all_are_counted(tmp_path: Path) -> None:
    place = tmp_path / "many"
    place.mkdir()
    for number in range(MOST + 20):
        (place / f"part-{number:04}.jsonl").touch()
    found = look(f"{place}/")
    assert len(found.entries) == MOST
    assert found.matches == MOST + 20
    assert found.entries[-1].name == f"part-{MOST - 1:04}.jsonl"
    assert look(f"{place}/", wanted=lambda: False).entries == ()


def test_files_that_are_still_there(directory: Path) -> None:
    wanted = [f"{directory}/{name}" for name in ("no", "old.jsonl", "readme.txt", "a\0")]
    found = still_there([*wanted, wanted[2], f"{directory}/requests-a.jsonl"], 5)
    assert [each.name for each in found] == ["readme.txt", "requests-a.jsonl"]
    assert still_there([f"{directory}/readme.txt"], 0) == ()
