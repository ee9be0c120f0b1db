"""Prices: what a line costs, by which of its parts; and what is not known stays so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.pricing import Cost, Price, PriceTable, total
from batchtui.domain.result import Usage

FLAT = Price(2.0, 10.0, 2.5, 4.0, 0.2)
TIERS = (
    Price(1.0, 5.0, 1.25, 2.0, 0.1),
    Price(4.0, 20.0, 5.0, 8.0, 0.4, over_prompt_tokens=100_000),
)
TABLE = PriceTable(
    date="2026-11-23",
    models={"flat": (FLAT,), "tiered": TIERS},
    web_search=10.0,
    geo_factors={"us": 1.1},
    geo_models=frozenset({"flat"}),
    billed_refusals=frozenset({"bio"}),
)
COUNTS = st.integers(0, 2**32)
USAGES = st.builds(Usage, *[COUNTS] * 7)


@pytest.mark.parametrize(
    ("usage", "usd"),
    [
        (Usage(), 0.0),
        (Usage(input_tokens=1_000_000), 2.0),
        (Usage(output_tokens=1_000_000), 10.0),
        (Usage(output_tokens=10, thinking_tokens=8), 0.0001),  # thinking is part of the output
        (Usage(ephemeral_5m_input_tokens=1_000_000), 2.5),
        (Usage(ephemeral_1h_input_tokens=1_000_000), 4.0),
        (Usage(cache_read_input_tokens=1_000_000), 0.2),
        (Usage(web_search_requests=3), 0.03),
    ],
)
def test_every_kind_of_use_has_its_price(usage: Usage, usd: float) -> None:
    assert TABLE.cost("flat", usage) == pytest.approx(usd)


@pytest.mark.parametrize("field", Usage.__struct_fields__[:4])
def test_the_whole_prompt_decides_the_price_of_every_token(field: str) -> None:
    rest = Usage(output_tokens=1_000_000)
    short = TABLE.cost("tiered", Usage(**{field: 100_000}))
    long = TABLE.cost("tiered", Usage(**{field: 100_001}))
    assert short is not None
    assert long == pytest.approx(4 * short, rel=1e-4)
    assert TABLE.cost("tiered", rest) == pytest.approx(5.0)
    assert TABLE.cost("tiered", rest, prompt_tokens=100_001) == pytest.approx(20.0)


def test_the_place_of_inference_raises_the_price_of_some_models() -> None:
    usage = Usage(input_tokens=1_000_000, web_search_requests=100)
    assert TABLE.cost("flat", usage, inference_geo="global") == pytest.approx(3.0)
    assert TABLE.cost("flat", usage, inference_geo="us") == pytest.approx(3.2)
    assert TABLE.cost("tiered", usage, inference_geo="us", prompt_tokens=1) == pytest.approx(2.0)


def test_refusals_before_any_output_are_billed_by_their_category() -> None:
    usage = Usage(input_tokens=1_000_000)
    assert TABLE.cost("flat", usage, refusal_category="bio") == pytest.approx(2.0)
    assert TABLE.cost("flat", usage, refusal_category="cyber") == 0.0
    assert TABLE.cost("flat", usage, refusal_category="") == 0.0
    assert TABLE.cost("flat", usage, refusal_category=None) == pytest.approx(2.0)


@pytest.mark.parametrize("model", ["", "flat-20260101", "fla", "FLAT", "(others)"])
def test_an_unknown_model_has_no_price(model: str) -> None:
    assert TABLE.cost(model, Usage(input_tokens=1)) is None
    assert TABLE.cost(model, Usage()) is None


@given(st.lists(USAGES, min_size=1, max_size=5), st.booleans(), st.sampled_from(["us", "", "eu"]))
def test_answers_of_like_prompts_can_be_summed_before_they_are_priced(
    usages: list[Usage], long: bool, geo: str
) -> None:
    prompt = 100_001 if long else 1
    model = "tiered" if long else "flat"

    def priced(usage: Usage) -> float:
        cost = TABLE.cost(model, usage, inference_geo=geo, prompt_tokens=prompt)
        assert cost is not None
        return cost

    summed = Usage(
        *(sum(getattr(usage, name) for usage in usages) for name in Usage.__struct_fields__)
    )
    assert priced(summed) == pytest.approx(sum(map(priced, usages)))


def test_costs_add_up() -> None:
    parts = [Cost(1.0, {"x": 2}, 3), Cost(0.5, {"x": 1, "y": 1}, 0), Cost()]
    assert total(parts) == Cost(1.5, {"x": 3, "y": 1}, 3)
    assert total([]) == Cost()
