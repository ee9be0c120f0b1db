import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.errors import UsageError
from batchtui.simulator.clock import FixedClock, RunningClock
from batchtui.simulator.errors import WireError
from batchtui.simulator.message import encode
from batchtui.simulator.world import World

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR, DAY = 3600, 86_400
SCENARIOS = ("demo", "empty", "crowd:100", "big:50", "busy", "hostile")


def world_of(scenario: str, seed: int = 1) -> tuple[World, FixedClock]:
    clock = FixedClock(NOON)
    return World(scenario, seed=seed, clock=clock), clock


def batches_of(world: World) -> list[Any]:
    data: Any = world.page(limit=1000)["data"]
    return list(data)


def ids_of(page: Any) -> list[str]:
    return [batch["id"] for batch in page["data"]]


def request_for(*custom_ids: str, prompt: str = "Hello") -> bytes:
    params = {
        "model": "claude-opus-5-5",
        "max_tokens": 99,
        "messages": [{"role": "user", "content": prompt}],
    }
    requests = [{"custom_id": one, "params": params} for one in custom_ids]
    return json.dumps({"requests": requests}).encode()


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_same_seed_gives_the_same_bytes(scenario: str) -> None:
    def everything(seed: int) -> list[bytes]:
        world, clock = world_of(scenario, seed)
        world.create(request_for("a", "b"))
        clock.advance(HOUR)
        batches = batches_of(world)
        small = [
            batch
            for batch in batches
            if batch["results_url"] and sum(batch["request_counts"].values()) < 300
        ]
        return [encode(batches), *(b"".join(world.results(batch["id"])) for batch in small)]

    assert everything(1) == everything(1) != everything(2)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_second_download_is_identical(scenario: str) -> None:
    world, _ = world_of(scenario)

    for batch in batches_of(world):
        if batch["results_url"] and sum(batch["request_counts"].values()) < 500:
            first, second = world.results(batch["id"]), world.results(batch["id"])
            assert b"".join(first) == b"".join(second)


def test_demo_shows_every_state_and_outcome() -> None:
    world, _ = world_of("demo")
    batches = batches_of(world)
    states = Counter(batch["processing_status"] for batch in batches)
    ended = [batch for batch in batches if batch["processing_status"] == "ended"]
    counts = [batch["request_counts"] for batch in ended]

    assert 55 <= len(batches) <= 70
    assert states["in_progress"] >= 5
    assert states["canceling"] == 1
    assert sum(batch["archived_at"] is not None for batch in batches) >= 4
    assert any(one["errored"] and not one["succeeded"] for one in counts)
    assert any(one["expired"] and one["succeeded"] for one in counts)
    assert any(one["canceled"] and one["succeeded"] for one in counts)
    assert any(not (one["errored"] or one["expired"] or one["canceled"]) for one in counts)
    assert {sum(one.values()) > 1 for one in counts} == {True, False}


def test_demo_stays_lively_for_hours() -> None:
    world, clock = world_of("demo")
    before = {batch["id"]: batch["processing_status"] for batch in batches_of(world)}
    ended = []
    for _ in range(60):
        clock.advance(60)
        now = {batch["id"]: batch["processing_status"] for batch in batches_of(world)}
        ended.append(sum(now[one] == "ended" != state for one, state in before.items()))
        before = now

    assert sum(ended[:3]) >= 2, "something ends in the first minutes"
    assert all(sum(ended[start : start + 20]) for start in range(0, 60, 20))
    assert len(before) > 65, "new batches arrive"


def test_scripted_batches_end_when_they_should() -> None:
    world, clock = world_of("demo")
    clock.advance(DAY + HOUR)

    assert {batch["processing_status"] for batch in batches_of(world)} == {"ended"}


@given(st.integers(1, 1000), st.integers(0, 60))
def test_pages_in_both_directions_cover_everything_once(limit: int, deleted: int) -> None:
    world, _ = world_of("crowd:60")
    everything = ids_of(world.page(limit=1000))
    gone = everything[deleted : deleted + 5]
    for batch_id in gone:
        world.delete(batch_id)
    left = [batch_id for batch_id in everything if batch_id not in gone]

    down: list[str] = []
    page: Any = {"has_more": True, "last_id": None}
    while page["has_more"]:
        page = world.page(after_id=page["last_id"], limit=limit)
        down = down + ids_of(page)
    up: list[str] = []
    page = {"has_more": True, "first_id": everything[-1]}
    while page["has_more"]:
        page = world.page(before_id=page["first_id"], limit=limit)
        up = ids_of(page) + up

    assert down == left
    assert up == [batch_id for batch_id in left if batch_id != everything[-1]]


def test_a_deleted_batch_still_works_as_a_cursor() -> None:
    world, _ = world_of("crowd:10")
    everything = ids_of(world.page())
    world.delete(everything[4])

    assert ids_of(world.page(after_id=everything[4])) == everything[5:]
    assert ids_of(world.page(before_id=everything[4])) == everything[:4]


def test_an_empty_page() -> None:
    world, _ = world_of("empty")

    assert world.page() == {"data": [], "has_more": False, "first_id": None, "last_id": None}


@pytest.mark.parametrize(
    "query",
    [
        {"after_id": "msgbatch_never"},
        {"before_id": "msgbatch_never"},
        {"after_id": "a", "before_id": "b"},
        {"limit": 0},
        {"limit": 1001},
    ],
)
def test_a_page_that_cannot_be(query: dict[str, Any]) -> None:
    world, _ = world_of("crowd:10")

    with pytest.raises(WireError) as caught:
        world.page(**query)

    assert caught.value.status == 400


def test_a_batch_is_created_processed_and_answered() -> None:
    world, clock = world_of("empty")
    batch: Any = world.create(request_for("a", "b", "c"))

    assert batch["processing_status"] == "in_progress"
    assert batch["request_counts"]["processing"] == 3
    with pytest.raises(WireError, match="has no available results"):
        world.results(batch["id"])

    clock.advance(60)
    ended: Any = world.retrieve(batch["id"])
    rows = [json.loads(line) for line in b"".join(world.results(batch["id"])).splitlines()]
    assert ended["request_counts"]["succeeded"] == 3
    assert {row["custom_id"] for row in rows} == {"a", "b", "c"}


def ends_of(world: World, clock: FixedClock, body: bytes) -> dict[str, str]:
    """What becomes of the requests of a batch, by custom_id: how they ended, or their error."""
    batch: Any = world.create(body)
    clock.advance(HOUR)
    rows = [json.loads(line) for line in b"".join(world.results(batch["id"])).splitlines()]
    results = {row["custom_id"]: row["result"] for row in rows}
    counts: Any = world.retrieve(batch["id"])
    told = Counter({kind: count for kind, count in counts["request_counts"].items() if count})
    assert told == Counter(result["type"] for result in results.values())
    return {
        custom_id: result["error"]["error"]["type"] if "error" in result else result["type"]
        for custom_id, result in results.items()
    }


@pytest.mark.parametrize("kind", ["overloaded_error", "api_error", "expired"])
def test_a_prompt_fails_every_time_or_only_once(kind: str) -> None:
    world, clock = world_of("empty")
    always = request_for("a", "b", prompt=f"simulate:{kind}")
    once = request_for("b", "c", prompt=f"simulate-once:{kind}")

    assert ends_of(world, clock, always) == ends_of(world, clock, always) == {"a": kind, "b": kind}
    assert ends_of(world, clock, once) == {"b": kind, "c": kind}
    assert ends_of(world, clock, once) == {"b": "succeeded", "c": "succeeded"}
    assert ends_of(world, clock, always) == {"a": kind, "b": kind}


def test_what_was_sent_can_be_looked_up() -> None:
    world, _ = world_of("empty")
    body = request_for("a", "b", prompt="Olá")
    lines = list(world.request_lines(str(world.create(body)["id"])))

    assert [json.loads(line) for line in lines] == json.loads(body)["requests"]
    assert all(line.endswith(b"\n") for line in lines)


def test_a_full_queue_takes_more_when_some_requests_are_done() -> None:
    clock = FixedClock(NOON)
    world = World("empty", clock=clock, queue_limit=5)
    world.create(request_for("a", "b", "c"))

    with pytest.raises(WireError, match="processing queue") as caught:
        world.create(request_for("d", "e", "f"))
    assert (caught.value.status, caught.value.headers) == (429, {"retry-after": "1"})
    world.create(request_for("d", "e"))
    assert world.queued() == 5

    clock.advance(HOUR)
    world.create(request_for(*"fghij"))
    assert len(batches_of(world)) == 3


def test_what_the_full_queue_refused_has_not_failed() -> None:
    clock = FixedClock(NOON)
    world = World("empty", clock=clock, queue_limit=2)
    once = request_for("a", prompt="simulate-once:api_error")
    world.create(request_for("b", "c"))
    with pytest.raises(WireError, match="processing queue"):
        world.create(once)

    clock.advance(HOUR)
    assert ends_of(world, clock, once) == {"a": "api_error"}


def test_what_is_canceled_leaves_the_queue() -> None:
    clock = FixedClock(NOON)
    world = World("empty", clock=clock, queue_limit=3)
    world.cancel(str(world.create(request_for("a", "b", "c"))["id"]))
    clock.advance(60)

    assert world.create(request_for("d", "e", "f"))


def test_a_created_batch_can_be_canceled_at_once() -> None:
    world, clock = world_of("empty")
    batch_id = str(world.create(request_for("a", "b"))["id"])

    first, again = world.cancel(batch_id), world.cancel(batch_id)
    assert first == again
    assert first["processing_status"] == "canceling"

    clock.advance(60)
    ended: Any = world.retrieve(batch_id)
    assert ended["request_counts"]["canceled"] == 2
    assert ended["results_url"]
    with pytest.raises(WireError) as caught:
        world.cancel(batch_id)
    assert caught.value.status == 400


def test_a_running_batch_cannot_be_deleted_and_an_ended_one_is_gone_for_good() -> None:
    world, clock = world_of("empty")
    batch_id = str(world.create(request_for("a"))["id"])
    for _ in ("in progress", "canceling"):
        with pytest.raises(WireError, match="In progress batches cannot be deleted"):
            world.delete(batch_id)
        world.cancel(batch_id)

    clock.advance(60)
    assert world.delete(batch_id) == {"id": batch_id, "type": "message_batch_deleted"}
    for forgotten in (world.retrieve, world.cancel, world.delete, world.results):
        with pytest.raises(WireError, match=f"Message Batch {batch_id} not found."):
            forgotten(batch_id)
    assert batches_of(world) == []


def test_busy_batches_all_keep_running() -> None:
    world, clock = world_of("busy")
    clock.advance(4 * HOUR)

    assert len(batches_of(world)) == 20
    assert {batch["processing_status"] for batch in batches_of(world)} == {"in_progress"}


def test_results_of_an_archived_batch_are_gone() -> None:
    world, clock = world_of("big:5")
    clock.advance(29 * DAY)
    (batch,) = batches_of(world)

    assert batch["archived_at"]
    with pytest.raises(WireError) as caught:
        world.results(batch["id"])
    assert caught.value.headers == {"x-should-retry": "false"}


def test_scenarios_can_carry_a_size() -> None:
    world, _ = world_of("big:7")

    assert batches_of(world)[0]["request_counts"]["processing"] == 0
    assert sum(batches_of(world)[0]["request_counts"].values()) == 7


@pytest.mark.parametrize("name", ["dream", "", "demo:3", "big:many", "big:-1"])
def test_an_unknown_scenario_lists_the_known_ones(name: str) -> None:
    with pytest.raises(UsageError, match="demo, empty, crowd\\[:SIZE\\], big\\[:SIZE\\], busy"):
        World(name)


def test_the_running_clock_runs_as_fast_as_it_is_told() -> None:
    slow, fast = RunningClock(), RunningClock(1_000_000)
    earlier = fast()

    while fast() == earlier:
        pass
    assert fast() - earlier > slow() - slow()
    assert fast().tzinfo is UTC


def test_the_clock_of_the_tests_stands_still(fixed_clock: FixedClock) -> None:
    before = fixed_clock()
    fixed_clock.advance(1.5)

    assert (fixed_clock() - before).total_seconds() == 1.5
