"""Each fault as the real SDK sees it."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import anthropic
import httpx2
import pytest

from batchtui.simulator.server import RunningServer
from tests.conftest import StartSimulator

Connect = Callable[..., anthropic.Anthropic]

ERRORS = {
    "429": anthropic.RateLimitError,
    "429-bare": anthropic.RateLimitError,
    "spend-cap": anthropic.EnforcedSpendLimitReachedError,
    "spend-limit": anthropic.BadRequestError,
    "400": anthropic.BadRequestError,
    "401": anthropic.AuthenticationError,
    "402": anthropic.PaymentRequiredError,
    "403": anthropic.PermissionDeniedError,
    "404": anthropic.NotFoundError,
    "408": anthropic.RequestTimeoutError,
    "409": anthropic.ConflictError,
    "413": anthropic.ContentTooLargeError,
    "500": anthropic.InternalServerError,
    "502": anthropic.InternalServerError,
    "503": anthropic.ServiceUnavailableError,
    "504": anthropic.GatewayTimeoutError,
    "529": anthropic.OverloadedError,
    "broken": json.JSONDecodeError,
    "reset/list": anthropic.APIConnectionError,
    "truncate/list": json.JSONDecodeError,
    "garbage/list": UnicodeDecodeError,
}


def download(client: anthropic.Anthropic) -> bytes:
    """The raw results of the only batch."""
    (batch,) = client.messages.batches.list().data
    with client.messages.batches.with_streaming_response.results(batch.id) as response:
        return b"".join(response.iter_bytes(65_536))


@pytest.mark.parametrize(("spec", "error"), ERRORS.items())
def test_faults_strike_and_pass(
    simulator: StartSimulator, connect: Connect, spec: str, error: type[Exception]
) -> None:
    client = connect(simulator("big:5", faults=[f"{spec}:1"]))

    with pytest.raises(error):
        client.messages.batches.list()
    assert len(client.messages.batches.list().data) == 1


def test_retry_after_is_sent_or_not(simulator: StartSimulator, connect: Connect) -> None:
    client = connect(simulator("empty", faults=["429=7:1", "429-bare:1", "spend-cap"]))
    waits = []
    for _ in range(3):
        with pytest.raises(anthropic.RateLimitError) as caught:
            client.messages.batches.list()
        waits.append(caught.value.response.headers.get("retry-after"))

    assert waits == ["7", None, None]
    assert caught.value.error_code == "enforced_spend_limit_reached"


def test_a_bad_gateway_answers_in_html(simulator: StartSimulator, connect: Connect) -> None:
    client = connect(simulator("empty", faults=["502"]))

    with pytest.raises(anthropic.InternalServerError) as caught:
        client.messages.batches.list()

    assert caught.value.response.headers["content-type"].startswith("text/html")
    assert "<h1>502 Bad Gateway</h1>" in caught.value.response.text


def test_an_empty_object_parses_into_nothing(simulator: StartSimulator, connect: Connect) -> None:
    client = connect(simulator("demo", faults=["empty"]))

    assert client.messages.batches.retrieve("msgbatch_x").id is None


def test_latency_is_felt_as_a_timeout(simulator: StartSimulator, connect: Connect) -> None:
    client = connect(simulator("empty", faults=["latency=30"]), timeout=0.1)

    with pytest.raises(anthropic.APITimeoutError):
        client.messages.batches.list()


def test_the_sdk_retries_what_passes(simulator: StartSimulator, connect: Connect) -> None:
    server = simulator("empty", faults=["429=0.01:1", "529:1"])
    client = connect(server, max_retries=2)

    assert client.messages.batches.list().data == []
    assert [call.headers["x-stainless-retry-count"] for call in server.calls] == ["0", "1", "2"]


def test_the_sdk_gives_up_in_the_end(simulator: StartSimulator, connect: Connect) -> None:
    server = simulator("empty", faults=["429=0.01"])

    with pytest.raises(anthropic.RateLimitError):
        connect(server, max_retries=2).messages.batches.list()
    assert len(server.calls) == 3


def cut_at(client: anthropic.Anthropic) -> int:
    """How many bytes of the results arrived before the download failed."""
    (batch,) = client.messages.batches.list().data
    arrived = 0
    with client.messages.batches.with_streaming_response.results(batch.id) as response:
        pieces = response.iter_bytes(1024)
        with suppress(httpx2.RemoteProtocolError, httpx2.ReadTimeout):
            for piece in pieces:
                arrived += len(piece)
            pytest.fail("the download came to its end")
    return arrived


@pytest.mark.parametrize("spec", ["reset:1", "stall=0:1", "stall=30:1"])
def test_a_download_is_cut_in_the_middle(
    simulator: StartSimulator, connect: Connect, spec: str
) -> None:
    client = connect(simulator("big:300", faults=[spec]), timeout=0.3)

    assert 10_000 < cut_at(client) < 400_000
    assert len(download(client)) > 600_000


def test_even_one_line_is_cut_in_the_middle(simulator: StartSimulator, connect: Connect) -> None:
    client = connect(simulator("big:1", faults=["reset/results"]))

    assert 10 < cut_at(client) < 3_000


@pytest.mark.parametrize("lines", [1, 5, 300])
def test_the_last_line_is_truncated_and_nothing_else(
    simulator: StartSimulator, connect: Connect, lines: int
) -> None:
    client = connect(simulator(f"big:{lines}", faults=["truncate/results:1"]))
    harmed, whole = download(client), download(client)

    assert whole.startswith(harmed)
    assert len(harmed.splitlines()) == lines
    with pytest.raises(json.JSONDecodeError):
        json.loads(harmed.splitlines()[-1])


@pytest.mark.parametrize("lines", [1, 300])
def test_one_line_is_garbage(simulator: StartSimulator, connect: Connect, lines: int) -> None:
    client = connect(simulator(f"big:{lines}", faults=["garbage:1"]))
    harmed, whole = download(client), download(client)

    assert harmed.startswith(whole.splitlines()[0])
    assert b"not JSON at all" in harmed
    assert harmed.endswith(whole.splitlines()[-1] if lines > 1 else b"\n")


def test_a_create_that_is_dropped_and_retried_makes_two_batches(
    simulator: StartSimulator, connect: Connect
) -> None:
    server = simulator("empty", faults=["drop:1"])
    params: Any = {
        "model": "claude-opus-5-5",
        "max_tokens": 9,
        "messages": [{"role": "user", "content": "Hello"}],
    }

    connect(server, max_retries=1).messages.batches.create(
        requests=[{"custom_id": "a", "params": params}]
    )

    assert len(connect(server).messages.batches.list().data) == 2


def test_faults_can_be_set_while_the_server_runs(
    simulator: StartSimulator, connect: Connect
) -> None:
    server: RunningServer = simulator("empty")
    ask: Callable[[], object] = connect(server).messages.batches.list

    ask()
    server.faults.add("500")
    with pytest.raises(anthropic.InternalServerError):
        ask()
    server.faults.clear()
    ask()
