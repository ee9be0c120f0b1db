"""The block of lines: what a terminal shows after it was rewritten, and in how many bytes."""

from __future__ import annotations

import pyte
import pytest

from batchtui.cli.block import Block


class Screen:
    """A terminal that can change its size."""

    def __init__(self, columns: int = 40, rows: int = 10) -> None:
        self.screen = pyte.Screen(columns, rows)
        self.screen.set_mode(pyte.modes.LNM)
        self._stream = pyte.Stream(self.screen)
        self.sent = 0

    def write(self, text: str) -> None:
        self.sent += len(text.encode())
        self._stream.feed(text)

    def size(self) -> tuple[int, int]:
        return self.screen.columns, self.screen.lines

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.screen.display if line.strip()]


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def block(screen: Screen) -> Block:
    return Block(screen.write, screen.size)


def test_lines_are_rewritten_in_place(screen: Screen, block: Block) -> None:
    for lines in (["one 1", "two 2"], ["one 1", "two 34"], ["one", "two 34"], ["ein 1", "two 34"]):
        block.show(lines)
        assert screen.lines == lines


def test_wide_characters_keep_their_place(screen: Screen, block: Block) -> None:
    block.show(["日本 ▰▱ 1m", "b"])
    block.show(["日本 ▰▰ 2m", "b"])
    assert [line.replace("日 本 ", "日本 ") for line in screen.lines] == ["日本 ▰▰ 2m", "b"]


def test_more_and_fewer_lines(screen: Screen, block: Block) -> None:
    for count in (3, 1, 4, 0, 2):
        lines = [f"line {number} of {count}" for number in range(count)]
        block.show(lines)
        assert screen.lines == lines


def test_what_is_said_stays_above(screen: Screen, block: Block) -> None:
    block.show(["a", "b"])
    block.clear()
    screen.write("said\n")
    block.show(["a"])
    assert screen.lines == ["said", "a"]


def test_what_does_not_fit_is_cut(screen: Screen, block: Block) -> None:
    block.show(["x" * 100] * 100)
    assert len(screen.lines) == 9
    assert screen.lines[0] == "x" * 38 + "…"
    block.show(["y"])
    assert screen.lines == ["y"]


def test_only_what_differs_is_sent(screen: Screen, block: Block) -> None:
    block.show(["nightly  running  12m of about 31m"] * 8)
    before = screen.sent
    block.show(["nightly  running  12m of about 31m"] * 8)
    assert screen.sent == before
    block.show(["nightly  running  13m of about 31m"] * 8)
    assert screen.sent - before <= 8 * 32


def test_cleared_twice(screen: Screen, block: Block) -> None:
    screen.write("before\n")
    block.show(["a"])
    block.clear()
    block.clear()
    assert screen.lines == ["before"]


def test_what_others_have_written_below_stays(screen: Screen, block: Block) -> None:
    block.show(["one 1", "two 2"])
    screen.write("$ fg\n")
    block.leave()
    block.show(["one 1", "two 3"])
    block.show(["one 2", "two 3"])
    assert screen.lines == ["one 1", "two 2", "$ fg", "one 2", "two 3"]
