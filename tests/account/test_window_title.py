"""The title is put aside once, changed when there is something new, and given back."""

from __future__ import annotations

from batchtui.account.window_title import WindowTitle
from batchtui.domain.osc import Abilities


def test_says_how_many_run_and_gives_back_what_was_there() -> None:
    written: list[str] = []
    title = WindowTitle(Abilities(), written.append)
    title.restore()  # nothing was put aside
    for number in (0, 0, 3, 3, 1200):
        title.show(number)
    title.restore()
    title.restore()
    title.show(1)
    assert written == [
        "\x1b[22;0t\x1b]2;batchtui\x07",
        "\x1b]2;batchtui: 3 running\x07",
        "\x1b]2;batchtui: 1,200 running\x07",
        "\x1b]2;\x07\x1b[23;0t",
        "\x1b[22;0t\x1b]2;batchtui: 1 running\x07",
    ]


def test_leaves_a_terminal_alone_that_has_no_title() -> None:
    written: list[str] = []
    title = WindowTitle(Abilities(titles=False), written.append)
    title.show(3)
    title.restore()
    assert written == []
