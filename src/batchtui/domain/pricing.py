"""What an answer costs: US dollars from usage, by a dated table of batch prices.

A price that is not known stays unknown: it is never derived from another model's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from batchtui.domain.result import Usage
from batchtui.domain.text import counted, money

PROMPT_BOUNDS = (100_000, 200_000)
"""Lengths of a prompt, in tokens, beyond which another price may begin; ascending."""

_PER_TOKEN = 1e-6
_PER_SEARCH = 1e-3


class Price(msgspec.Struct, frozen=True):
    """What a model costs in a batch, in US dollars per million tokens.

    Attributes:
        over_prompt_tokens: these prices are for prompts longer than so many tokens: 0, or one of
            `PROMPT_BOUNDS`.
    """

    input: float
    output: float
    cache_write_5m: float
    cache_write_1h: float
    cache_read: float
    over_prompt_tokens: int = 0

    def tokens(self, usage: Usage) -> float:
        """US dollars for all tokens of a usage, or of a sum of usages this price is for."""
        return _PER_TOKEN * (
            usage.input_tokens * self.input
            + usage.ephemeral_5m_input_tokens * self.cache_write_5m
            + usage.ephemeral_1h_input_tokens * self.cache_write_1h
            + usage.cache_read_input_tokens * self.cache_read
            + usage.output_tokens * self.output
        )


class PriceTable(msgspec.Struct, frozen=True):
    """Prices as they were on a day.

    Attributes:
        date: the day the table was compiled, as in 2026-11-23.
        models: the prices of each model by its name in results, for the shortest prompts first.
        web_search: US dollars for a thousand web searches; no batch discount is known.
        geo_factors: what tokens cost more, by the `inference_geo` they were used in.
        geo_models: the models to which these factors apply.
        billed_refusals: categories of refusals that are billed though nothing was answered.
        overridden: the models whose prices are the user's own.
    """

    date: str
    models: Mapping[str, tuple[Price, ...]]
    web_search: float
    geo_factors: Mapping[str, float] = {}
    geo_models: frozenset[str] = frozenset()
    billed_refusals: frozenset[str] = frozenset()
    overridden: frozenset[str] = frozenset()

    def price(self, model: str, prompt_tokens: int) -> Price | None:
        """The price of every token of an answer to a prompt of that length, if one is known."""
        fitting = None
        for price in self.models.get(model, ()):
            if fitting is None or prompt_tokens > price.over_prompt_tokens:
                fitting = price
        return fitting

    def geo_factor(self, model: str, inference_geo: str) -> float:
        """What tokens cost more for where the model ran; 1 if nothing."""
        return self.geo_factors.get(inference_geo, 1.0) if model in self.geo_models else 1.0

    def cost(
        self,
        model: str,
        usage: Usage,
        *,
        inference_geo: str = "",
        refusal_category: str | None = None,
        prompt_tokens: int | None = None,
    ) -> float | None:
        """US dollars for a succeeded line; other lines are not billed.

        Args:
            model: the model named in the result.
            usage: the line's, or the sum of those of several lines with all else in common.
            inference_geo: where the model ran.
            refusal_category: of a refusal before any output its category, which may be empty.
            prompt_tokens: the length that chooses the price; by default that of the usage.

        Returns:
            None if no price is known.
        """
        if refusal_category is not None and refusal_category not in self.billed_refusals:
            return 0.0
        price = self.price(
            model, usage.total_input_tokens if prompt_tokens is None else prompt_tokens
        )
        if price is None:
            return None
        tokens = price.tokens(usage) * self.geo_factor(model, inference_geo)
        return tokens + usage.web_search_requests * self.web_search * _PER_SEARCH


class Cost(msgspec.Struct, frozen=True):
    """The cost of many lines.

    Attributes:
        usd: US dollars for the lines whose price is known.
        unpriced: how many succeeded lines there are of models without a known price.
        priced: how many succeeded lines have a known price.
    """

    usd: float = 0.0
    unpriced: Mapping[str, int] = {}
    priced: int = 0

    @property
    def words(self) -> str:
        """How much, and of how many lines that is not known; "" if nothing was billed."""
        without = sum(self.unpriced.values())
        if not self.priced:
            return "no price known" if without else ""
        more = f", {counted(without, 'line')} without a known price" if without else ""
        return money(self.usd) + more


def total(costs: Iterable[Cost]) -> Cost:
    """The sum of costs."""
    usd, priced = 0.0, 0
    unpriced: dict[str, int] = {}
    for cost in costs:
        usd += cost.usd
        priced += cost.priced
        for model, lines in cost.unpriced.items():
            unpriced[model] = unpriced.get(model, 0) + lines
    return Cost(usd, unpriced, priced)
