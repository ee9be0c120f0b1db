"""The jobs of the demo: several batches of one request file, and what repairs them."""

import json
from datetime import UTC, datetime

import pytest

from batchtui.simulator.clock import FixedClock
from batchtui.simulator.params import check_params
from batchtui.simulator.prompts import TRIAL, trial_lines
from batchtui.simulator.world import World

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    return World("demo", clock=FixedClock(NOON))


def requested(world: World, batch_ids: list[str]) -> list[str]:
    lines = (line for each in batch_ids for line in world.request_lines(each))
    return [json.loads(line)["custom_id"] for line in lines]


def types(world: World, batch_id: str) -> dict[str, str]:
    rows = map(json.loads, b"".join(world.results(batch_id)).splitlines())
    return {row["custom_id"]: row["result"]["type"] for row in rows}


def test_every_request_of_a_file_is_in_one_batch_of_the_first_round(world: World) -> None:
    for first, *_ in world.jobs().values():
        custom_ids = requested(world, first)
        assert len(first) > 1
        assert len(set(custom_ids)) == len(custom_ids)


def test_one_job_is_under_way_and_one_was_repaired(world: World) -> None:
    rounds = {name: len(batches) for name, batches in world.jobs().items()}
    first = world.jobs()["tickets-fr"][0]

    assert rounds == {"tickets-fr": 1, "reviews-week-47": 2}
    states = [world.retrieve(batch_id)["processing_status"] for batch_id in first]
    assert states == ["ended", "in_progress", "in_progress"]


def test_a_retry_sends_again_what_had_failed(world: World) -> None:
    first, (retry,) = world.jobs()["reviews-week-47"]
    before = {name: kind for batch_id in first for name, kind in types(world, batch_id).items()}
    again = types(world, retry)

    assert set(again) == set(requested(world, [retry]))
    assert {before[name] for name in again} == {"errored"}
    assert sorted(again.values()).count("errored") == 1
    assert len(again) < list(before.values()).count("errored"), "some would only fail again"


def test_the_file_to_try_sending_with_needs_a_second_try() -> None:
    requests = [json.loads(line) for line in trial_lines()]
    errors = [check_params(each["params"], version="2026-10-21") for each in requests]

    assert len({each["custom_id"] for each in requests}) == len(requests) == TRIAL
    assert {error.once for error in errors if error} == {True}
    assert sum("simulate:max_tokens" in str(each) for each in requests) == 2
