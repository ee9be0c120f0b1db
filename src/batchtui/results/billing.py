"""What is billed in a result file, summed up so far that any price table can price it at once.

A price may depend on the length of each prompt, so lines are summed by that as well.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

import msgspec

from batchtui.domain.pricing import PROMPT_BOUNDS, Cost, PriceTable, total
from batchtui.domain.result import Usage

MOST_GROUPS = 1000
"""Groups that are told apart; lines beyond them are counted as those of one nameless model."""

Tokens = tuple[int, int, int, int, int, int, int]
"""The fields of a `Usage`, in its order."""

_BOUNDS = (0, *PROMPT_BOUNDS)
_PROMPT = 4  # the fields at the start of a usage that make up the prompt


class Group(msgspec.Struct, frozen=True):
    """Succeeded lines that any price table treats alike.

    Attributes:
        model: as named in the results. Foreign text.
        inference_geo: where the model ran. Foreign text.
        refusal_category: of refusals before any output their category; None for other answers.
        over_prompt_tokens: the greatest of `PROMPT_BOUNDS` that all the prompts exceed, or 0.
        lines: how many there are.
        usage: the sum of theirs.
    """

    model: str
    inference_geo: str
    refusal_category: str | None
    over_prompt_tokens: int
    lines: int
    usage: Usage

    def cost(self, prices: PriceTable) -> Cost:
        """What all of them cost."""
        usd = prices.cost(
            self.model,
            self.usage,
            inference_geo=self.inference_geo,
            refusal_category=self.refusal_category,
            prompt_tokens=self.over_prompt_tokens + 1,
        )
        if usd is None:
            return Cost(unpriced={self.model: self.lines})
        return Cost(usd, priced=self.lines)


class Billing(msgspec.Struct, frozen=True):
    """All that is billed in a result file."""

    groups: tuple[Group, ...] = ()

    @property
    def lines(self) -> int:
        """How many succeeded lines there are."""
        return sum(group.lines for group in self.groups)

    @property
    def usage(self) -> Usage:
        """The sum over all succeeded lines."""
        return _total(group.usage for group in self.groups)

    def by_model(self) -> dict[str, Billing]:
        """The same for each model, in the order of their first appearance."""
        parts: dict[str, list[Group]] = {}
        for group in self.groups:
            parts.setdefault(group.model, []).append(group)
        return {model: Billing(tuple(groups)) for model, groups in parts.items()}

    def cost(self, prices: PriceTable) -> Cost:
        """What the lines cost."""
        return total(group.cost(prices) for group in self.groups)

    def cost_by_model(self, prices: PriceTable) -> dict[str, Cost]:
        """What each model cost, in the order of their first appearance."""
        return {model: part.cost(prices) for model, part in self.by_model().items()}


def _total(usages: Iterable[Usage]) -> Usage:
    return Usage(*map(sum, zip(*map(msgspec.structs.astuple, usages), strict=True)))


Key = tuple[int, int, int | None]
"""Model, place of inference, and category of an outright refusal: the numbers of their names."""

_NAMELESS: Key = (1, 0, None)


class Meter:
    """Sums up lines as they come."""

    def __init__(self) -> None:
        self._sums: dict[tuple[Key, int], list[int]] = {}

    def add(self, lines: Iterable[tuple[Key, Sequence[Tokens]]]) -> None:
        """Take the usage of more succeeded lines."""
        for key, usages in lines:
            columns = list(zip(*usages, strict=True))
            if sum(map(max, columns[:_PROMPT])) <= PROMPT_BOUNDS[0]:
                self._sum(key, 0, len(usages), map(sum, columns))
            else:
                self._add_by_length(key, usages)

    def billing(self, words: Sequence[str]) -> Billing:
        """The sums so far; `words` are the names by their numbers."""
        return Billing(
            tuple(
                Group(
                    words[model],
                    words[geo],
                    None if category is None else words[category],
                    over,
                    lines,
                    Usage(*sums),
                )
                for ((model, geo, category), over), (lines, *sums) in self._sums.items()
            )
        )

    def _add_by_length(self, key: Key, usages: Sequence[Tokens]) -> None:
        by_length: list[list[Tokens]] = [[] for _ in _BOUNDS]
        for usage in usages:
            prompt = usage[0] + usage[1] + usage[2] + usage[3]
            by_length[bisect_left(PROMPT_BOUNDS, prompt)].append(usage)
        for over, fitting in zip(_BOUNDS, by_length, strict=True):
            if fitting:
                self._sum(key, over, len(fitting), map(sum, zip(*fitting, strict=True)))

    def _sum(self, key: Key, over: int, lines: int, sums: Iterable[int]) -> None:
        if (key, over) not in self._sums and len(self._sums) >= MOST_GROUPS:
            key, over = _NAMELESS, 0
        known = self._sums.get((key, over))
        added = (lines, *sums)
        if known is None:
            self._sums[key, over] = list(added)
        else:
            known[:] = map(int.__add__, known, added)
