"""Tabs: filters with a name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.batch import Batch, Record, RequestCounts
from batchtui.domain.errors import UsageError
from batchtui.domain.tabs import ALL, OWN, Tab, new_name, saved_form, tabs_of, tally
from batchtui.domain.view import Filter

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def record(status: str, label: str = "") -> Record:
    created = NOW - timedelta(hours=3)
    counts = RequestCounts(succeeded=1)
    return Record(Batch("msgbatch_1", status, counts, created), created, NOW, label=label)


def test_everything_comes_first_whatever_was_saved() -> None:
    assert tabs_of(None) == (ALL, *OWN)
    assert tabs_of({}) == (ALL,)
    assert tabs_of({"b": "x", "a": ""}) == (ALL, Tab("b", "x"), Tab("a"))


@given(st.dictionaries(st.text(), st.text()))
def test_what_is_saved_comes_back(saved: dict[str, str]) -> None:
    tabs = tabs_of(saved)
    assert saved_form(tabs) == saved
    assert tally([tab.filter for tab in tabs], [record("ended")], NOW)[0] == 1


def test_each_tab_counts_what_it_lets_through() -> None:
    rows = [record("in_progress"), record("ended", "running shoes"), record("ended", "mine")]
    filters = [tab.filter for tab in (*tabs_of(None), Tab("Both", "running"))]
    assert tally(filters, rows, NOW) == (3, 1, 0, 0, 2, 2)
    assert tally([Filter()], [], NOW) == (0,)


@pytest.mark.parametrize("given_name", ["", " \t", "x" * 21, "all", " Running "])
def test_names_that_cannot_be(given_name: str) -> None:
    with pytest.raises(UsageError):
        new_name(given_name, tabs_of(None))


def test_a_name_is_one_line() -> None:
    assert new_name("  big \n ones ", tabs_of(None)) == "big ones"
