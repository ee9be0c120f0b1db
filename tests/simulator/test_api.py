"""The real SDK drives all six endpoints over HTTP."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest
from anthropic import (
    Anthropic,
    AsyncAnthropic,
    AuthenticationError,
    BadRequestError,
    ContentTooLargeError,
    NotFoundError,
)
from anthropic.types.messages import MessageBatch

from batchtui.simulator.clock import FixedClock
from batchtui.simulator.hostile import IDS
from batchtui.simulator.server import KEY
from tests.conftest import StartSimulator

Connect = Callable[..., Anthropic]

MESSAGE: Any = {
    "model": "claude-opus-5-5",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "Hello"}],
}


def requests(*custom_ids: str, **params: Any) -> Any:
    return [{"custom_id": one, "params": {**MESSAGE, **params}} for one in custom_ids]


def ids(batches: Iterable[MessageBatch]) -> list[str]:
    return [batch.id for batch in batches]


def test_the_whole_life_of_a_batch(
    simulator: StartSimulator, connect: Connect, fixed_clock: FixedClock
) -> None:
    batches = connect(simulator("empty", clock=fixed_clock)).messages.batches

    batch = batches.create(requests=requests("a", "b"))
    assert batch.processing_status == "in_progress"
    assert batch.request_counts.processing == 2
    assert batch.expires_at - batch.created_at == timedelta(hours=24)
    assert batch.created_at == fixed_clock()

    fixed_clock.advance(60)
    ended = batches.retrieve(batch.id)
    assert ended.processing_status == "ended"
    assert ended.request_counts.succeeded == 2
    assert {line.custom_id for line in batches.results(batch.id)} == {"a", "b"}

    assert batches.delete(batch.id).type == "message_batch_deleted"
    with pytest.raises(NotFoundError, match=f"Message Batch {batch.id} not found."):
        batches.retrieve(batch.id)


def test_canceling(simulator: StartSimulator, connect: Connect, fixed_clock: FixedClock) -> None:
    batches = connect(simulator("empty", clock=fixed_clock)).messages.batches
    batch = batches.create(requests=requests("a", "b"))

    canceling = batches.cancel(batch.id)
    assert canceling.processing_status == "canceling"
    assert canceling.cancel_initiated_at == fixed_clock()
    assert canceling.request_counts.processing == 2
    assert batches.cancel(batch.id) == canceling
    with pytest.raises(BadRequestError, match="In progress batches cannot be deleted"):
        batches.delete(batch.id)

    fixed_clock.advance(60)
    assert {line.result.type for line in batches.results(batch.id)} == {"canceled"}
    with pytest.raises(BadRequestError, match="already ended"):
        batches.cancel(batch.id)


def test_pages_in_both_directions(simulator: StartSimulator, connect: Connect) -> None:
    batches = connect(simulator("crowd:45")).messages.batches
    everything = ids(batches.list(limit=1000))

    assert len(everything) == 45
    assert len(batches.list().data) == 20
    assert ids(batches.list(limit=7)) == everything
    assert sorted(ids(batches.list(limit=7, before_id=everything[-1]))) == sorted(everything[:-1])
    created = [batch.created_at for batch in batches.list(limit=1000)]
    assert created == sorted(created, reverse=True)


def test_wrong_params_come_back_as_errored_lines(
    simulator: StartSimulator, connect: Connect, fixed_clock: FixedClock
) -> None:
    batches = connect(simulator("empty", clock=fixed_clock)).messages.batches
    batch = batches.create(
        requests=[
            *requests("ok"),
            *requests("zero", max_tokens=0),
            *requests("streamed", stream=True),
            *requests("nobody", model="claude-does-not-exist-9"),
            *requests("busy", messages=[{"role": "user", "content": "simulate:overloaded_error"}]),
        ]
    )
    fixed_clock.advance(60)

    results: dict[str, Any] = {line.custom_id: line.result for line in batches.results(batch.id)}
    counts = batches.retrieve(batch.id).request_counts
    assert (counts.succeeded, counts.errored) == (1, 4)
    assert results["ok"].type == "succeeded"
    kinds = {name: result.error.error.type for name, result in results.items() if name != "ok"}
    assert kinds == {
        "zero": "invalid_request_error",
        "streamed": "invalid_request_error",
        "nobody": "not_found_error",
        "busy": "overloaded_error",
    }
    assert results["zero"].error.request_id is None
    assert results["busy"].error.request_id.startswith("workerreq_")


def test_a_bad_envelope_is_refused_at_once(simulator: StartSimulator, connect: Connect) -> None:
    batches = connect(simulator("empty")).messages.batches

    with pytest.raises(BadRequestError) as caught:
        batches.create(requests=requests("dup", "dup"))

    assert "Duplicate custom_id found: dup" in caught.value.message
    assert caught.value.request_id is not None
    assert caught.value.request_id.startswith("req_")


def test_results_that_do_not_exist(
    simulator: StartSimulator, connect: Connect, fixed_clock: FixedClock
) -> None:
    client: Anthropic = connect(simulator("empty", clock=fixed_clock))
    batch = client.messages.batches.create(requests=requests("a"))
    path = f"/v1/messages/batches/{batch.id}/results"

    with pytest.raises(NotFoundError) as early:
        client.get(path, cast_to=str)
    fixed_clock.advance(29 * 86_400)
    with pytest.raises(NotFoundError) as late:
        client.get(path, cast_to=str)

    for caught in (early, late):
        assert f"Message Batch {batch.id} has no available results." in caught.value.message
        assert caught.value.response.headers["x-should-retry"] == "false"
    archived = client.messages.batches.retrieve(batch.id)
    assert archived.archived_at == archived.created_at + timedelta(days=29)
    assert archived.results_url is None


def test_the_bad_key(simulator: StartSimulator) -> None:
    with (
        Anthropic(base_url=simulator("empty").base_url, api_key="sk-ant-invalid") as client,
        pytest.raises(AuthenticationError, match="API key is invalid"),
    ):
        client.messages.batches.list()


def test_the_beta_client_reads_the_same(simulator: StartSimulator, connect: Connect) -> None:
    client = connect(simulator("big:30"))
    (batch,) = client.beta.messages.batches.list(betas=["output-300k-2026-03-24"]).data

    lines = list(client.beta.messages.batches.results(batch.id))
    assert len(lines) == 30


@pytest.mark.parametrize("scenario", ["demo", "big:500", "crowd:30"])
def test_the_sdk_reads_all_results(
    simulator: StartSimulator, connect: Connect, scenario: str
) -> None:
    batches = connect(simulator(scenario)).messages.batches
    ended = [batch for batch in batches.list(limit=100) if batch.results_url]

    for batch in ended[:6]:
        lines = list(batches.results(batch.id))
        counts = batch.request_counts
        succeeded = sum(line.result.type == "succeeded" for line in lines)
        assert succeeded == counts.succeeded
        assert len(lines) == sum(counts.model_dump().values())


def test_the_sdk_survives_the_hostile_world(simulator: StartSimulator, connect: Connect) -> None:
    batches = connect(simulator("hostile")).messages.batches

    assert set(IDS) < set(ids(batches.list(limit=100)))
    for batch_id in IDS:
        assert batches.retrieve(batch_id).id == batch_id
    assert len(list(batches.results(IDS[0]))) > 60


def test_live_counts_move(
    simulator: StartSimulator, connect: Connect, fixed_clock: FixedClock
) -> None:
    batches = connect(simulator("demo", clock=fixed_clock, counts="live")).messages.batches
    running = [
        batch for batch in batches.list(limit=100) if batch.processing_status == "in_progress"
    ]
    assert any(batch.request_counts.succeeded for batch in running)

    fixed_clock.advance(30)
    after = batches.retrieve(running[1].id).request_counts
    assert after.processing < running[1].request_counts.processing


async def test_the_async_client(simulator: StartSimulator, fixed_clock: FixedClock) -> None:
    server = simulator("crowd:25", clock=fixed_clock)
    async with AsyncAnthropic(base_url=server.base_url, api_key=KEY, max_retries=0) as client:
        batches = client.messages.batches
        assert len([batch async for batch in batches.list(limit=10)]) == 25

        batch = await batches.create(requests=requests("a"))
        assert (await batches.cancel(batch.id)).processing_status == "canceling"
        with pytest.raises(BadRequestError):
            await batches.delete(batch.id)
        fixed_clock.advance(60)
        assert (await batches.retrieve(batch.id)).processing_status == "ended"
        lines = [line async for line in await batches.results(batch.id)]
        assert [line.result.type for line in lines] == ["canceled"]
        await batches.delete(batch.id)
        with pytest.raises(NotFoundError):
            await batches.retrieve(batch.id)


def test_a_body_that_is_too_large(simulator: StartSimulator, connect: Connect) -> None:
    client = connect(simulator("empty", faults=["413/create:1"]))

    with pytest.raises(ContentTooLargeError):
        client.messages.batches.create(requests=requests("a"))
