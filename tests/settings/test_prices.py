"""Prices: the packaged table is in order, and config.toml has the last word."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from batchtui.domain.errors import ConfigError
from batchtui.domain.pricing import PROMPT_BOUNDS, Price, PriceTable
from batchtui.domain.result import Usage
from batchtui.settings import config
from batchtui.settings.faults import FILE_NAME
from batchtui.settings.prices import load_prices
from batchtui.settings.schema import Settings


def prices_of(directory: Path, text: str) -> PriceTable:
    (directory / FILE_NAME).write_text(text)
    return load_prices(config.load(directory).settings)


PACKAGED = load_prices(Settings())


def test_the_packaged_table_is_in_order() -> None:
    assert date.fromisoformat(PACKAGED.date)
    assert len(PACKAGED.models) > 25
    for tiers in PACKAGED.models.values():
        bounds = [price.over_prompt_tokens for price in tiers]
        assert bounds == sorted(set(bounds))
        assert bounds[0] == 0
        assert set(bounds[1:]) <= set(PROMPT_BOUNDS)
        for price in tiers:
            assert 0 < price.cache_read < price.input < price.cache_write_5m < price.cache_write_1h
            assert price.cache_write_1h < price.output
    assert PACKAGED.geo_models < PACKAGED.models.keys()
    assert PACKAGED.overridden == frozenset()


@pytest.mark.parametrize(
    ("model", "usage", "usd"),
    [
        ("claude-opus-5-5", Usage(input_tokens=1_000_000, output_tokens=100_000), 3.0),
        ("claude-sonnet-4-5-20250929", Usage(input_tokens=500, output_tokens=200), 0.00225),
        ("claude-haiku-5-5", Usage(cache_read_input_tokens=100_000, output_tokens=4), 0.000501),
        ("claude-haiku-5-5", Usage(cache_read_input_tokens=100_001, output_tokens=4), 0.002505025),
        ("claude-fable-5", Usage(ephemeral_1h_input_tokens=1000, web_search_requests=2), 0.03),
        ("claude-mythos-preview", Usage(input_tokens=1), None),
        ("claude-haiku-5", Usage(input_tokens=1), None),
        ("", Usage(), None),
    ],
)
def test_what_answers_cost(model: str, usage: Usage, usd: float | None) -> None:
    cost = PACKAGED.cost(model, usage)
    assert cost == (usd if usd is None else pytest.approx(usd, abs=1e-12))


def test_an_override_replaces_what_it_names(tmp_path: Path) -> None:
    table = prices_of(tmp_path, '[prices."claude-opus-5"]\ninput = 1\noutput = 0\n')
    before = PACKAGED.models["claude-opus-5"][0]
    assert table.models["claude-opus-5"] == (
        Price(1.0, 0.0, before.cache_write_5m, before.cache_write_1h, before.cache_read),
    )
    assert table.overridden == {"claude-opus-5"}
    assert table.models["claude-opus-5-5"] == PACKAGED.models["claude-opus-5-5"]


def test_an_override_stands_for_all_names_of_a_model(tmp_path: Path) -> None:
    table = prices_of(tmp_path, '[prices."claude-haiku-4-5"]\ninput = 7\n')
    assert table.models["claude-haiku-4-5-20251001"][0].input == 7
    assert table.overridden == {"claude-haiku-4-5", "claude-haiku-4-5-20251001"}
    both = prices_of(
        tmp_path,
        '[prices."claude-haiku-4-5"]\ninput = 7\n[prices."claude-haiku-4-5-20251001"]\ninput = 8\n',
    )
    assert both.models["claude-haiku-4-5"][0].input == 7
    assert both.models["claude-haiku-4-5-20251001"][0].input == 8


WHOLE = "input = 1\noutput = 2\ncache_write_5m = 3\ncache_write_1h = 4\ncache_read = 5.5\n"


def test_a_model_that_is_not_packaged_can_be_given_prices(tmp_path: Path) -> None:
    table = prices_of(tmp_path, f'[prices."my-model"]\n{WHOLE}')
    assert table.models["my-model"] == (Price(1, 2, 3, 4, 5.5),)


def test_prices_by_the_length_of_the_prompt_can_be_given_in_any_order(tmp_path: Path) -> None:
    name = '[[prices."claude-haiku-5-5"]]\n'
    table = prices_of(tmp_path, f"{name}input = 9\nover_prompt_tokens = 100_000\n{name}input = 3\n")
    low, high = table.models["claude-haiku-5-5"]
    before = PACKAGED.models["claude-haiku-5-5"]
    assert (low.input, low.output) == (3, before[0].output)
    assert (high.input, high.output) == (9, before[1].output)
    flat = prices_of(tmp_path, '[prices."claude-haiku-5-5"]\ninput = 3\n')
    assert len(flat.models["claude-haiku-5-5"]) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("prices = 3", ['"prices"', "a table of models"]),
        ("[prices]\nx = 3", ['"prices.x"', "a table of prices"]),
        ("[prices]\nx = []", ['"prices.x"', "a table of prices"]),
        ("[prices]\nx = [3]", ['"prices.x"', "a table of prices"]),
        ("[prices.claude-opus-5]\ninptu = 3", ['"prices.claude-opus-5.inptu"', 'mean "input"?']),
        ("[prices.x]\nzzz = 3", ['"prices.x.zzz"', "Known are input, output"]),
        ("[prices.claude-opus-5]\ninput = -1", ['"prices.claude-opus-5.input"', "0 or more"]),
        ("[prices.claude-opus-5]\ninput = nan", ['"prices.claude-opus-5.input"', "0 or more"]),
        ("[prices.claude-opus-5]\ninput = inf", ['"prices.claude-opus-5.input"', "0 or more"]),
        ("[prices.claude-opus-5]\ninput = true", ['"prices.claude-opus-5.input"', "0 or more"]),
        ("[prices.claude-opus-5]\ninput = '5'", ['"prices.claude-opus-5.input"', "0 or more"]),
        ("[prices.x]\ninput = 1", ['"prices.x.output" is missing', "give input, output"]),
        (
            "[prices.claude-opus-5]\nover_prompt_tokens = 7",
            ['"prices.claude-opus-5.over_prompt_tokens"', "0, 100000 or 200000"],
        ),
        (
            "[prices.claude-opus-5]\nover_prompt_tokens = false",
            ['"prices.claude-opus-5.over_prompt_tokens"'],
        ),
        (
            "[prices.claude-haiku-5-5]\nover_prompt_tokens = 100_000",
            ['"prices.claude-haiku-5-5"', "one for each over_prompt_tokens from 0 on"],
        ),
        ("[[prices.claude-opus-5]]\n[[prices.claude-opus-5]]", ["one for each"]),
        ('[prices."\\u001b[31m"]\ninput = "x"', ["0 or more"]),
    ],
)
def test_what_is_wrong_is_said_with_its_key(tmp_path: Path, text: str, words: list[str]) -> None:
    (tmp_path / FILE_NAME).write_text(text)
    with pytest.raises(ConfigError) as caught:
        config.load(tmp_path)
    said = str(caught.value)
    for word in [FILE_NAME, *words]:
        assert word in said
    assert "\n" not in said
    assert "\x1b" not in said
