"""What kept results cost."""

from __future__ import annotations

from batchtui.account.costs import Costs
from batchtui.domain.pricing import Price, PriceTable
from batchtui.results.opening import index_path
from batchtui.simulator.clock import FixedClock
from tests.account.conftest import OpenAccount
from tests.conftest import StartSimulator


def table(usd: float, *models: str) -> PriceTable:
    """Prices at which a million tokens of any kind cost so much."""
    return PriceTable(
        "2026-11-23", {model: (Price(usd, usd, usd, usd, usd),) for model in models}, 0.0
    )


async def test_the_cost_of_results_that_are_here(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    account = open_account(simulator("big:200", clock=fixed_clock), fixed_clock).account
    page = await account.api.list(limit=1)
    account.observe(page.sightings)
    batch_id = page.sightings[0].batch.id
    nothing_known = Costs(account.results, table(1.0))
    assert nothing_known.of(batch_id) is None, "they are not here yet"

    await account.fetch(batch_id, on_progress=lambda progress: None)
    with account.results.open(batch_id) as file:
        rows = [file.row(number) for number in range(len(file))]
    tokens = sum(row.usage.total_input_tokens + row.usage.output_tokens for row in rows)
    models = {row.model for row in rows if row.model}
    unpriced = nothing_known.of(batch_id)
    assert unpriced
    assert (unpriced.usd, set(unpriced.unpriced)) == (0.0, models)

    costs = Costs(account.results, table(1.0, *models))
    cost = costs.of(batch_id)
    assert cost
    assert round(cost.usd, 9) == round(tokens / 1e6, 9)
    assert cost.priced == sum(row.type == "succeeded" for row in rows)

    index_path(account.results.path(batch_id)).write_bytes(b"damaged")
    assert costs.of(batch_id) is None


async def test_what_was_read_once_is_read_again_only_when_it_was_written_again(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    account = open_account(simulator("big:20", clock=fixed_clock), fixed_clock).account
    page = await account.api.list(limit=1)
    account.observe(page.sightings)
    batch_id = page.sightings[0].batch.id
    await account.fetch(batch_id, on_progress=lambda progress: None)
    costs = Costs(account.results, table(1.0))
    first = costs.of(batch_id)
    assert first
    assert costs.of(batch_id) is first
    await account.fetch(batch_id, on_progress=lambda progress: None)
    assert costs.of(batch_id) == first
    assert costs.of(batch_id) is not first
