"""Paths that complete themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from batchtui.ui.paths import PathSuggester, complete


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    for name in ("results.jsonl", "requests.jsonl", "re\x1b[31mquests"):
        (tmp_path / name).touch()
    (tmp_path / "requested").mkdir()
    return tmp_path


def test_the_first_by_name_that_goes_on_like_that(directory: Path) -> None:
    assert complete(f"{directory}/r") == f"{directory}/requested/"
    assert complete(f"{directory}/requests") == f"{directory}/requests.jsonl"
    assert complete(f"{directory}/res") == f"{directory}/results.jsonl"


def test_where_there_is_nothing_like_it(directory: Path) -> None:
    for typed in ("", f"{directory}/", f"{directory}/x", f"{directory}/no/x", "a\0/b", "~nobody/x"):
        assert complete(typed) is None


def test_home_stays_as_it_was_typed(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(directory))
    assert complete("~/res") == "~/results.jsonl"


async def test_suggestions(directory: Path) -> None:
    assert await PathSuggester().get_suggestion(f"{directory}/res") == f"{directory}/results.jsonl"
    assert await PathSuggester().get_suggestion("") is None
