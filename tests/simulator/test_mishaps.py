"""Each fault as the real SDK sees it."""

import json
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

import anthropic
import httpx2
import pytest

from batchtui.simulator.server import RunningServer
from tests.conftest import StartSimulator

Connect = Callable[..., anthropic.Anthropic]

HEADERS = {"x-api-key": "sk-ant-simulated", "anthropic-version": "2026-10-21"}
PARAMS: Any = {
    "model": "claude-opus-5-5",
    "max_tokens": 9,
    "messages": [{"role": "user", "content": "Hello"}],
}

ERRORS = {
    "429": anthropic.RateLimitError,
    "429-bare": anthropic.RateLimitError,
    "queue-full/list": anthropic.RateLimitError,
    "queue-full-bare/list": anthropic.RateLimitError,
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
    "drop/list": anthropic.APIConnectionError,
    "lose/list": anthropic.APIConnectionError,
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

    connect(server, max_retries=1).messages.batches.create(
        requests=[{"custom_id": "a", "params": PARAMS}]
    )

    assert len(connect(server).messages.batches.list().data) == 2


class Uploaded(NamedTuple):
    """A create request, sent as it stands: with its length told, or in chunks."""

    server: RunningServer
    chunked: bool

    def send(self, body: bytes, timeout: float = 10) -> httpx2.Response:
        blocks = (body[start : start + 65_536] for start in range(0, len(body), 65_536))
        headers = HEADERS if self.chunked else HEADERS | {"content-length": str(len(body))}
        url = f"{self.server.base_url}/v1/messages/batches"
        return httpx2.post(url, content=blocks, headers=headers, timeout=timeout)

    def batches(self) -> int:
        return len(self.server.world.page()["data"])  # type: ignore[arg-type]


@pytest.fixture(params=[False, True], ids=["length-told", "chunked"])
def upload(request: pytest.FixtureRequest, simulator: StartSimulator) -> Uploaded:
    return Uploaded(simulator("empty"), request.param)


def large_body(requests: int, size: int) -> bytes:
    params = {**PARAMS, "messages": [{"role": "user", "content": "x" * size}]}
    listed = [{"custom_id": f"row-{number}", "params": params} for number in range(requests)]
    return json.dumps({"requests": listed}).encode()


@pytest.mark.parametrize("size", [10, 50_000])
def test_an_upload_of_any_size_becomes_a_batch(upload: Uploaded, size: int) -> None:
    response = upload.send(large_body(100, size))

    assert response.json()["request_counts"]["processing"] == 100


def test_a_large_upload_is_dropped_when_the_batch_is_there(upload: Uploaded) -> None:
    upload.server.faults.add("drop:1")

    with pytest.raises(httpx2.RemoteProtocolError, match="without sending a response"):
        upload.send(large_body(1000, 50_000))
    assert upload.batches() == 1


@pytest.mark.parametrize("size", [10, 50_000])
def test_an_upload_is_lost_and_nothing_comes_of_it(upload: Uploaded, size: int) -> None:
    upload.server.faults.add("lose:1")

    with pytest.raises((httpx2.RemoteProtocolError, httpx2.WriteError, httpx2.ReadError)):
        upload.send(large_body(100, size))
    assert upload.batches() == 0
    assert upload.send(large_body(100, size)).is_success


def test_who_does_not_wait_for_a_late_answer_has_made_a_batch(upload: Uploaded) -> None:
    upload.server.faults.add("late=20:1")

    with pytest.raises(httpx2.ReadTimeout):
        upload.send(large_body(100, 50_000), timeout=1)
    assert upload.batches() == 1


@pytest.mark.parametrize(("kind", "status"), [("413", 413), ("queue-full", 429), ("529", 529)])
def test_a_large_upload_is_refused_in_so_many_words(
    upload: Uploaded, kind: str, status: int
) -> None:
    upload.server.faults.add(f"{kind}/create:1")

    assert upload.send(large_body(100, 50_000)).status_code == status
    assert upload.batches() == 0


@pytest.mark.parametrize(("kind", "answer"), [("empty", "{}"), ("broken", '{"id":"msgba')])
def test_an_answer_that_makes_no_sense_hides_a_batch(
    upload: Uploaded, kind: str, answer: str
) -> None:
    upload.server.faults.add(f"{kind}/create:1")
    response = upload.send(large_body(1, 10))

    assert response.status_code == 200
    assert response.text.startswith(answer)
    assert upload.batches() == 1


def test_a_late_answer_comes(upload: Uploaded) -> None:
    upload.server.faults.add("late=0.01")

    assert upload.send(large_body(1, 10)).json()["type"] == "message_batch"


def test_who_vanishes_while_sending_makes_no_batch(upload: Uploaded) -> None:
    body = large_body(100, 10)
    told = f"content-length: {len(body) + 1}"
    length = "transfer-encoding: chunked" if upload.chunked else told
    head = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
    start = f"POST /v1/messages/batches HTTP/1.1\r\nhost: x\r\n{head}{length}\r\n\r\n".encode()
    port = int(upload.server.base_url.rpartition(":")[2])

    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(start + (b"%x\r\n" % len(body) if upload.chunked else b"") + body)
    # Whoever comes later is served later.
    with pytest.raises(httpx2.HTTPStatusError):
        upload.send(b"{}").raise_for_status()
    assert upload.batches() == 0


def test_a_full_queue_says_when_to_come_back_or_not(
    simulator: StartSimulator, connect: Connect
) -> None:
    client = connect(simulator("empty", faults=["queue-full=3:1", "queue-full-bare:1"]))
    waits = []
    for _ in range(2):
        with pytest.raises(anthropic.RateLimitError, match="processing queue") as caught:
            client.messages.batches.create(requests=[{"custom_id": "a", "params": PARAMS}])
        waits.append(caught.value.response.headers.get("retry-after"))

    assert waits == ["3", None]
    assert client.messages.batches.list().data == []


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
