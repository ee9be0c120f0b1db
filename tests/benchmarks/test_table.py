from __future__ import annotations

from benchmarks.table import Goal, Row, lines, percentile


def test_a_goal_is_about_the_figure_or_the_ratio() -> None:
    slow = Row(name="a", measured=3.0, baseline=2.0, unit="s", goal=Goal(1.5, "ratio"))
    assert slow.ratio == 1.5
    assert slow.met is True
    assert Row(name="a", measured=3.0, baseline=2.0, unit="s", goal=Goal(2.5)).met is False
    assert Row(name="a", measured=3.0, unit="s", goal=Goal(2.5, "ratio")).met is False
    assert Row(name="a", measured=3.0, unit="s").met is None


def test_the_table_has_a_line_for_each_figure() -> None:
    rows = [
        Row(name="one", measured=1.25, baseline=0.5, unit="s", goal=Goal(3, "ratio")),
        Row(name="another", measured=1234.4, unit="B", goal=Goal(1000)),
    ]
    assert [line.split() for line in lines(rows)][2:] == [
        ["one", "1.250", "s", "0.500", "s", "2.50x", "≤", "3x", "yes"],
        ["another", "1,234", "B", "≤", "1,000", "B", "NO"],
    ]


def test_percentiles() -> None:
    values = [float(number) for number in range(100, 0, -1)]
    assert percentile(values, 95) == 96
    assert percentile([7.0], 95) == 7
