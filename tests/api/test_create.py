"""Creating a batch: bytes go out as they come, once, and every error says whether it is sure."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import closing

import pytest

from batchtui.api.client import Api
from batchtui.domain.errors import ApiError, RequestFileError, UnreachableError
from batchtui.simulator.server import RunningServer
from tests.api.conftest import ScriptedServer
from tests.conftest import StartSimulator

REQUEST = (
    b'{"custom_id":"a","params":{"model":"claude-haiku-4-5","max_tokens":9,"messages":'
    b'[{"role":"user","content":"Hi"}]}}'
)
BODY = b'{"requests":[%s]}' % REQUEST


class Pieces:
    """A body in pieces; `failure` comes after them."""

    def __init__(self, *pieces: bytes, failure: Exception | None = None) -> None:
        self.pieces = pieces
        self.failure = failure
        self.begun = 0

    @property
    def size(self) -> int:
        return sum(map(len, self.pieces))

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.begun += 1
        for piece in self.pieces:
            yield piece
        if self.failure:
            raise self.failure


@pytest.fixture
def server(simulator: StartSimulator) -> RunningServer:
    return simulator("empty")


async def test_created(server: RunningServer, connect: Callable[..., Api]) -> None:
    body = Pieces(BODY[:10], BODY[10:50], BODY[50:])
    sighting = await connect(server.base_url).create(body, size=body.size)
    assert sighting.batch.request_counts.total == 1
    (call,) = server.calls
    assert call.headers["content-length"] == str(len(BODY))
    assert call.headers["content-type"] == "application/json"
    assert "transfer-encoding" not in call.headers
    assert body.begun == 1


SURE = ["400", "401", "402", "403", "404", "409", "413", "429", "spend-cap", "503", "529"]
UNSURE = ["408", "500", "502", "504", "broken", "empty", "drop"]


@pytest.mark.parametrize("fault", [*SURE, *UNSURE])
async def test_errors_say_whether_a_batch_may_exist(
    server: RunningServer, connect: Callable[..., Api], fault: str
) -> None:
    server.faults.add(f"{fault}/create")
    body = Pieces(BODY)
    with pytest.raises(ApiError) as caught:
        await connect(server.base_url).create(body, size=body.size)
    assert caught.value.unsure is (fault in UNSURE)
    assert len(server.calls) == 1
    assert body.begun == 1


async def test_a_gateway_that_says_503_may_have_passed_it_on(
    scripted: Callable[[], ScriptedServer], connect: Callable[..., Api]
) -> None:
    server = scripted().answers(503, b"<html>upstream connect error</html>")
    body = Pieces(BODY)
    with pytest.raises(ApiError) as caught:
        await connect(server.base_url).create(body, size=body.size)
    assert caught.value.unsure


async def test_nobody_there(connect: Callable[..., Api]) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
    body = Pieces(BODY)
    with pytest.raises(UnreachableError) as caught:
        await connect(f"http://127.0.0.1:{port}").create(body, size=body.size)
    assert not caught.value.unsure
    assert not body.begun


async def test_a_body_that_breaks_off(server: RunningServer, connect: Callable[..., Api]) -> None:
    """What it raises arrives, and nothing comes of what was sent."""
    failure = RequestFileError("It changed")
    body = Pieces(BODY[:50], failure=failure)
    with pytest.raises(RequestFileError) as caught:
        await connect(server.base_url).create(body, size=len(BODY))
    assert caught.value is failure
    assert not server.world.page()["data"]


async def test_time_out(
    server: RunningServer, connect: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batchtui.api.sdk.CREATE_READ_SECONDS", 0.1)
    server.faults.add("late=20")
    body = Pieces(BODY)
    with pytest.raises(UnreachableError) as caught:
        await connect(server.base_url).create(body, size=body.size)
    assert caught.value.unsure


async def test_a_server_that_takes_no_more(
    connect: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stalled upload is noticed, and as it never was complete nothing can come of it."""
    monkeypatch.setattr("batchtui.api.sdk.WRITE_SECONDS", 0.2)
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        body = Pieces(*[b"x" * 1_000_000] * 30)
        api = connect(f"http://127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(UnreachableError) as caught:
            await asyncio.wait_for(api.create(body, size=body.size), 20)
    assert "in time" in str(caught.value)
    assert not caught.value.unsure
