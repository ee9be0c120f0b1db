"""Puts problems of many lines together, so that a file of only bad lines takes no memory."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from batchtui.domain.request import Problem
from batchtui.domain.text import safe_line
from batchtui.submissions.checked import Group, Where

MOST_NAMED = 5
"""So many lines of each group are named."""

MOST_GROUPS = 200
"""So many groups are told apart; whatever comes then is in one."""

DUPLICATE = Problem("custom_id", "is used more than once")

_REST = Problem("", "has yet another problem")
_NUMBER = re.compile(r"(?<=\.)\d+(?=\.|$)")


class _Growing(msgspec.Struct):
    count: int = 0
    first: list[Where] = []


class Grouping:
    """The problems of a file so far.

    Attributes:
        lines: how many lines have one that is more than a warning.
    """

    def __init__(self) -> None:
        self.lines = 0
        self._groups: dict[Problem, _Growing] = {}

    def add(self, line: int, custom_id: str, problems: Iterable[Problem]) -> None:
        """Add all problems of a line."""
        refused = False
        for problem in problems:
            self._add(problem, Where(line, safe_line(custom_id, 64), problem.field))
            refused |= not problem.is_warning
        self.lines += refused

    def repeat(self, where: Where) -> None:
        """Add a line that has the custom_id of another."""
        self._add(DUPLICATE, where)

    def more(self, count: int) -> None:
        """Add lines of the same kind that nobody looked for."""
        self._groups[DUPLICATE].count += count

    def whole(self, problem: Problem, count: int) -> None:
        """Add what is not about any line."""
        self._groups.setdefault(problem, _Growing()).count += count

    def groups(self, *, warnings: bool) -> tuple[Group, ...]:
        """The groups, the largest first, and then that which begins first."""
        found = [
            Group(problem.field, problem.message, each.count, tuple(each.first))
            for problem, each in self._groups.items()
            if problem.is_warning is warnings
        ]
        return tuple(sorted(found, key=_place))

    def _add(self, problem: Problem, where: Where) -> None:
        key = Problem(_NUMBER.sub("*", problem.field), problem.message, problem.is_warning)
        if key not in self._groups and len(self._groups) >= MOST_GROUPS:
            key = Problem(_REST.field, _REST.message, problem.is_warning)
        group = self._groups.setdefault(key, _Growing())
        group.count += 1
        if len(group.first) < MOST_NAMED:
            group.first.append(where)


def _place(group: Group) -> tuple[int, int]:
    return -group.count, group.first[0].line if group.first else 0
