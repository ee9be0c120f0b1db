"""Tabs in the file."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from batchtui.domain.errors import ConfigError
from batchtui.settings.changing import save_tabs

FILE = """\
# mine
interval = 30 # often

[tabs]
# the nights
"Night runs" = "nightly" # all
Bad = "failed !here"

[keys]
cancel = "C" # not by accident
"""
BEFORE = {"Night runs": "nightly", "Bad": "failed !here"}


def saved(tmp_path: Path, after: dict[str, str], text: str = FILE) -> str:
    path = tmp_path / "config.toml"
    if text:
        path.write_text(text)
    before = tomllib.loads(text).get("tabs")
    save_tabs(tmp_path, before, after)
    written = path.read_text()
    assert tomllib.loads(written).get("tabs") == after
    assert list(tomllib.loads(written)["tabs"]) == list(after)
    return written


@pytest.mark.parametrize(
    "after",
    [
        BEFORE | {"New [/one]": 'is:"quoted"'},
        BEFORE | {"Bad": "failed"},
        {"Night runs": "nightly"},
    ],
)
def test_what_is_not_changed_keeps_its_comments(tmp_path: Path, after: dict[str, str]) -> None:
    written = saved(tmp_path, after)
    for line in (
        "# mine",
        "interval = 30 # often",
        "# the nights",
        '"Night runs" = "nightly" # all',
    ):
        assert line in written
    assert 'cancel = "C" # not by accident' in written


def test_another_name_keeps_its_place(tmp_path: Path) -> None:
    written = saved(tmp_path, {"Nights": "nightly", "Bad": "failed !here"})
    assert "# mine" in written
    assert 'cancel = "C" # not by accident' in written


@pytest.mark.parametrize("text", ["", "theme = 'x'\n", "[keys]\ncancel = 'C'\n"])
def test_the_first_ones_make_the_table(tmp_path: Path, text: str) -> None:
    saved(tmp_path, {"Running": "is:running", "a.b": "x"}, text)


def test_none_left_is_not_the_same_as_never_any(tmp_path: Path) -> None:
    assert "[tabs]" in saved(tmp_path, {})
    assert "[tabs]" in saved(tmp_path, {}, "theme = 'x'\n")


def test_a_file_that_makes_no_sense_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("not toml")
    with pytest.raises(ConfigError):
        save_tabs(tmp_path, None, {"a": "b"})
    assert (tmp_path / "config.toml").read_text() == "not toml"
