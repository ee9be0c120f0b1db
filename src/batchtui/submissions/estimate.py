"""What requests will roughly use and cost: an estimate from their bytes, never a promise.

No tokenizer is asked. A token of text is taken to be between 2.5 and 5 bytes of UTF-8, which
spans prose, code and other scripts; what an image or a document takes is a wider guess.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from batchtui.domain.pricing import PROMPT_BOUNDS, PriceTable
from batchtui.domain.result import Usage

MOST_BYTES_PER_TOKEN = 5
LEAST_BYTES_PER_TOKEN = 2.5

FRAME = (5, 20)
"""Tokens that a request takes beside its text, at least and at most."""

MOST_MODELS = 100
"""So many names of models are told apart; the requests of all others count as one."""

OTHERS = "(others)"


class Use(msgspec.Struct, frozen=True):
    """What one request, or several of one model and of like size, will use.

    Attributes:
        low: input tokens at least.
        high: input tokens at most.
        output: output tokens at most: the sum of `max_tokens`.
        low_bound: the longest of `PROMPT_BOUNDS` that each prompt exceeds if `low` is right.
        high_bound: likewise if `high` is.
    """

    model: str
    requests: int
    low: int
    high: int
    output: int
    low_bound: int = 0
    high_bound: int = 0


class CostRange(msgspec.Struct, frozen=True):
    """US dollars at batch price.

    Attributes:
        low: for the input alone, at the lower estimate.
        high: for the input at the higher estimate, if every answer is as long as it may be.
        unpriced: how many requests of models without a known price are not in it.
    """

    low: float
    high: float
    unpriced: Mapping[str, int]


class Estimate(msgspec.Struct, frozen=True):
    """What all requests of a file will use."""

    uses: tuple[Use, ...] = ()

    @property
    def low(self) -> int:
        """Input tokens, at least."""
        return sum(use.low for use in self.uses)

    @property
    def high(self) -> int:
        """Input tokens, at most."""
        return sum(use.high for use in self.uses)

    @property
    def output(self) -> int:
        """Output tokens, at most."""
        return sum(use.output for use in self.uses)

    def cost(self, prices: PriceTable) -> CostRange:
        """What that costs, by the prices in force."""
        low = high = 0.0
        unpriced: dict[str, int] = {}
        for use in self.uses:
            least = prices.cost(
                use.model, Usage(input_tokens=use.low), prompt_tokens=use.low_bound + 1
            )
            most = prices.cost(
                use.model,
                Usage(input_tokens=use.high, output_tokens=use.output),
                prompt_tokens=use.high_bound + 1,
            )
            if least is None or most is None:
                unpriced[use.model] = unpriced.get(use.model, 0) + use.requests
            else:
                low, high = low + least, high + most
        return CostRange(low, high, unpriced)


class Tally:
    """Sums up what requests will use, as they are read."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, int, int], tuple[int, int, int, int]] = {}
        self._models: dict[str, int] = {}

    def add(
        self, model: str, requests: int, size: int, output: int, extra: tuple[int, int] = (0, 0)
    ) -> None:
        """Add requests of one model.

        Args:
            model: its name, foreign.
            requests: how many; if more than one, none may be longer than `SHORT` bytes.
            size: bytes of all text in them.
            output: the sum of their `max_tokens`.
            extra: tokens for what is not text, at least and at most.
        """
        if model not in self._models and len(self._models) >= MOST_MODELS:
            model = OTHERS
        self._models[model] = self._models.get(model, 0) + requests
        low = int(size / MOST_BYTES_PER_TOKEN) + extra[0] + FRAME[0] * requests
        high = int(size / LEAST_BYTES_PER_TOKEN) + extra[1] + FRAME[1] * requests
        bounds = (0, 0) if requests != 1 else (_bound(low), _bound(high))
        key = (model, *bounds)
        sums = self._sums.get(key, (0, 0, 0, 0))
        self._sums[key] = (
            sums[0] + requests,
            sums[1] + low,
            sums[2] + high,
            sums[3] + output,
        )

    @property
    def models(self) -> Mapping[str, int]:
        """How many requests each model has, the most used first."""
        return dict(sorted(self._models.items(), key=lambda item: (-item[1], item[0])))

    def estimate(self) -> Estimate:
        """The sum of it all."""
        return Estimate(
            tuple(
                Use(model, *sums, low_bound, high_bound)
                for (model, low_bound, high_bound), sums in sorted(self._sums.items())
            )
        )


SHORT = int(PROMPT_BOUNDS[0] * LEAST_BYTES_PER_TOKEN) - 5_000
"""Bytes of text of which no prompt can be so long that another price begins."""


def _bound(tokens: int) -> int:
    return max((bound for bound in PROMPT_BOUNDS if tokens > bound), default=0)
