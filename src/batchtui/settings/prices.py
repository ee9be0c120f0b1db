"""The prices in force: the packaged table, and what config.toml says instead of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import msgspec

from batchtui.domain.pricing import PROMPT_BOUNDS, Price, PriceTable
from batchtui.settings.faults import Fault, FaultError, unknown_key
from batchtui.settings.schema import Settings

_PACKAGED = Path(__file__).with_name("prices.json")
_OVER = "over_prompt_tokens"
_KINDS = tuple(name for name in Price.__struct_fields__ if name != _OVER)


class _Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One model: its names in results, its prices, and where these were read, on which day."""

    names: tuple[str, ...]
    prices: tuple[Price, ...]
    source: str
    as_of: str
    geo: bool = False
    note: str = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    date: str
    unit: str
    sources: dict[str, str]
    web_search: float
    geo_factors: dict[str, float]
    billed_refusals: frozenset[str]
    models: tuple[_Model, ...]


def load_prices(settings: Settings) -> PriceTable:
    """The prices in force; a model of config.toml goes by any of its names.

    Raises:
        FaultError: if config.toml makes no sense here.
    """
    packaged = msgspec.json.decode(_PACKAGED.read_bytes(), type=_File)
    siblings = {name: model.names for model in packaged.models for name in model.names}
    models = {name: model.prices for model in packaged.models for name in model.names}
    overridden: set[str] = set()
    for name, given in settings.prices.items():
        prices = _overriding(name, given, models.get(name, ()))
        for sibling in siblings.get(name, (name,)):
            if sibling == name or sibling not in settings.prices:
                models[sibling] = prices
                overridden.add(sibling)
    return PriceTable(
        date=packaged.date,
        models=models,
        web_search=packaged.web_search,
        geo_factors=packaged.geo_factors,
        geo_models=frozenset(n for model in packaged.models if model.geo for n in model.names),
        billed_refusals=packaged.billed_refusals,
        overridden=frozenset(overridden),
    )


def _overriding(model: str, given: object, packaged: tuple[Price, ...]) -> tuple[Price, ...]:
    tiers = given if isinstance(given, list) else [given]
    prices = [_price(model, tier, packaged) for tier in tiers]
    lengths = [price.over_prompt_tokens for price in prices]
    # Without prices from 0 on, short prompts would be charged as long ones are.
    if 0 not in lengths or len(set(lengths)) < len(lengths):
        raise _wrong((model,), f"a table of prices, or one for each {_OVER} from 0 on")
    return tuple(sorted(prices, key=lambda price: price.over_prompt_tokens))


def _price(model: str, given: object, packaged: tuple[Price, ...]) -> Price:
    if not isinstance(given, Mapping):
        raise _wrong((model,), "a table of prices")
    for name in given:
        if name not in Price.__struct_fields__:
            raise FaultError(unknown_key(("prices", model, name), Price.__struct_fields__))
    over = given.get(_OVER, 0)
    if isinstance(over, bool) or over not in (0, *PROMPT_BOUNDS):
        bounds = " or ".join(map(str, PROMPT_BOUNDS))
        raise _wrong((model, _OVER), f"0, {bounds}")
    known = {price.over_prompt_tokens: price for price in packaged}.get(over)
    usd = {kind: _usd(model, kind, given, known) for kind in _KINDS}
    return Price(over_prompt_tokens=over, **usd)


def _usd(model: str, kind: str, given: Mapping[str, object], packaged: Price | None) -> float:
    if kind in given:
        usd = given[kind]
    elif packaged:
        return float(getattr(packaged, kind))
    else:
        hint = f"No price of this model is known; give {', '.join(_KINDS)}"
        raise FaultError(Fault(("prices", model, kind), "is missing", hint))
    if isinstance(usd, bool) or not isinstance(usd, int | float) or not 0 <= usd < math.inf:
        raise _wrong((model, kind), "US dollars per million tokens, 0 or more")
    return float(usd)


def _wrong(path: tuple[str, ...], expected: str) -> FaultError:
    return FaultError(Fault(("prices", *path), f"must be {expected}"))
