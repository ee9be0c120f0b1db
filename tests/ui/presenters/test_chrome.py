"""The line on top of every screen: whose batches these are is the last thing it leaves out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.account.events import Phase, Pulse
from batchtui.domain.text import cell_width, safe_line
from batchtui.ui.presenters.chrome import masthead, masthead_of_all
from batchtui.ui.title import OFFLINE, READ_ONLY, Title

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PULSE = Pulse(Phase.BACKING_OFF, updated_at=NOON, next_at=NOON + timedelta(seconds=40))
HOST = "api.anthropic.com"


def line(title: Title, width: int) -> str:
    return masthead(title, PULSE, known=4100, now=NOON, width=width).plain


def test_all_there_is_to_say_where_there_is_room() -> None:
    title = Title("work", "wrkspc_01Hk", HOST, (READ_ONLY,))
    found = line(title, 140)
    for words in ("batchtui", "work · wrkspc_01Hk · " + HOST, " READ-ONLY ", "12:00:00", "40s"):
        assert words in found
    assert found.endswith("4.1k batches ")


@pytest.mark.parametrize("color", ["", "teal", "no such colour"])
def test_the_name_outlives_everything(color: str) -> None:
    title = Title("production", "wrkspc_01Hk", HOST, (READ_ONLY, OFFLINE), color)
    for width in range(20, 200):
        assert cell_width(line(title, width)) == width
        assert "prod" in line(title, width)
    for width in range(40, 200):
        assert "production" in line(title, width)
        assert "READ-ONLY" in line(title, width) or "R/O" in line(title, width)
    for width in range(90, 200):
        assert HOST in line(title, width)
    assert "READ-ONLY" in line(title, 60)


@given(
    name=st.text(min_size=1, max_size=60),
    workspace=st.text(max_size=40),
    endpoint=st.text(max_size=60),
    width=st.integers(8, 200),
)
def test_no_name_breaks_the_line(name: str, workspace: str, endpoint: str, width: int) -> None:
    title = Title(name, workspace, endpoint, (READ_ONLY,), "teal")
    found = masthead(title, PULSE, known=4100, now=NOON, width=width)
    assert found.plain == safe_line(found.plain)
    assert found.cell_length == width or width < 20


def test_all_accounts_say_how_many_are_looked_at() -> None:
    def of(width: int) -> str:
        return masthead_of_all(
            at_work=1, accounts=3, known=12, modes=(READ_ONLY,), width=width
        ).plain

    assert "all accounts   READ-ONLY " in of(100)
    assert "1 of 3 accounts looked at" in of(100)
    assert all("all accounts" in of(width) for width in range(30, 200))
