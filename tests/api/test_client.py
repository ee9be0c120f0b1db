"""The five calls against the simulated API, through the real SDK, in good times and bad."""

import asyncio
import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from batchtui.api import client, sdk
from batchtui.api.client import Api
from batchtui.domain.errors import (
    ApiError,
    BadReplyError,
    BatchtuiError,
    CredentialsError,
    NotFoundError,
    RateLimitedError,
    RefusedError,
    ServerFaultError,
    SpendLimitError,
    UnauthorizedError,
    UnreachableError,
    UsageError,
)

Connect = Callable[..., Api]
AssertSafe = Callable[..., None]

LINE = b'{"custom_id":"a","result":{"type":"canceled"}}\n'


async def read_all(api: Api, batch_id: str) -> bytes:
    async with api.results(batch_id) as stream:
        return b"".join([chunk async for chunk in stream])


async def test_pages_in_both_directions(simulator: Any, connect: Connect) -> None:
    api = connect(simulator("crowd:25").base_url)
    first = await api.list(limit=10)
    assert (len(first.sightings), first.has_more, first.unreadable) == (10, True, 0)
    second = await api.list(limit=10, after_id=first.last_id)
    third = await api.list(limit=10, after_id=second.last_id)
    assert (len(third.sightings), third.has_more) == (5, False)
    back = await api.list(limit=10, before_id=third.first_id)
    assert back.sightings == second.sightings
    times = [s.batch.created_at for page in (first, second, third) for s in page.sightings]
    assert times == sorted(times, reverse=True)


async def test_an_empty_list(simulator: Any, connect: Connect) -> None:
    page = await connect(simulator("empty").base_url).list(limit=1000)
    assert (page.sightings, page.has_more, page.first_id, page.last_id) == ((), False, None, None)


async def test_what_time_it_is_there(simulator: Any, scripted: Any, connect: Connect) -> None:
    there = await connect(simulator("crowd:3").base_url).server_time()
    assert there is not None
    assert abs(datetime.now(UTC) - there) < timedelta(minutes=5)
    elsewhere = connect(scripted().answers(200, b"<html>").base_url)
    with pytest.raises(BadReplyError):
        await elsewhere.server_time()


async def test_retrieve_keeps_the_object_it_read(simulator: Any, connect: Connect) -> None:
    api = connect(simulator("crowd:3").base_url)
    batch = (await api.list(limit=1)).sightings[0].batch
    sighting = await api.retrieve(batch.id)
    assert sighting.batch.id == batch.id
    assert json.loads(sighting.body)["type"] == "message_batch"


async def test_cancel_and_delete(simulator: Any, connect: Connect) -> None:
    api = connect(simulator("demo").base_url)
    batches = [sighting.batch for sighting in (await api.list(limit=100)).sightings]
    running = next(b for b in batches if b.processing_status == "in_progress")
    ended = next(b for b in batches if not b.running)
    with pytest.raises(RefusedError, match="cannot be deleted"):
        await api.delete(running.id)
    assert (await api.cancel(running.id)).batch.cancel_initiated_at is not None
    await api.delete(ended.id)
    with pytest.raises(NotFoundError):
        await api.retrieve(ended.id)
    with pytest.raises(NotFoundError):
        await api.delete(ended.id)


async def test_results_come_whole_and_decoded(simulator: Any, connect: Connect) -> None:
    server = simulator("big:2000")
    api = connect(server.base_url)
    batch = (await api.list(limit=1)).sightings[0].batch
    async with api.results(batch.id) as stream:
        chunks = [chunk async for chunk in stream]
        assert stream.total_bytes is None  # compressed, so nobody knows
    assert len(chunks) > 10
    lines = b"".join(chunks).splitlines()
    assert len(lines) == 2000
    assert all(json.loads(line)["custom_id"] for line in lines)
    assert [call.operation for call in server.calls] == ["list", "results"]


async def test_the_size_is_known_when_nothing_is_compressed(
    scripted: Any, connect: Connect
) -> None:
    server = scripted().answers(200, LINE * 9)
    async with connect(server.base_url).results("x") as stream:
        assert stream.total_bytes == len(LINE) * 9
        assert b"".join([chunk async for chunk in stream]) == LINE * 9


async def test_results_of_a_running_batch(simulator: Any, connect: Connect) -> None:
    api = connect(simulator("demo").base_url)
    page = await api.list(limit=100)
    running = next(s.batch for s in page.sightings if s.batch.running)
    with pytest.raises(NotFoundError, match="no available results"):
        await read_all(api, running.id)


FAULTS = [
    ("429=7", RateLimitedError),
    ("429-bare", RateLimitedError),
    ("spend-cap", SpendLimitError),
    ("spend-limit", SpendLimitError),
    ("400", RefusedError),
    ("401", UnauthorizedError),
    ("402", RefusedError),
    ("403", UnauthorizedError),
    ("404", NotFoundError),
    ("408", ServerFaultError),
    ("409", RefusedError),
    ("413", RefusedError),
    ("500", ServerFaultError),
    ("502", ServerFaultError),
    ("503", ServerFaultError),
    ("504", ServerFaultError),
    ("529", ServerFaultError),
    ("empty", BadReplyError),
    ("broken", BadReplyError),
]


@pytest.mark.parametrize(("fault", "expected"), FAULTS)
async def test_every_fault_on_every_call_and_recovery(
    simulator: Any,
    connect: Connect,
    assert_safe: AssertSafe,
    fault: str,
    expected: type[ApiError],
) -> None:
    server = simulator("crowd:12")
    api = connect(server.base_url)
    ids = [s.batch.id for s in (await api.list(limit=12)).sightings if not s.batch.running]
    calls: list[Callable[[], Any]] = [
        lambda: api.list(limit=5),
        lambda: api.retrieve(ids[0]),
        lambda: api.cancel(ids[0]),
        lambda: api.delete(ids[0]),
    ]
    if expected is not BadReplyError:
        calls.append(lambda: read_all(api, ids[0]))
    server.faults.add(fault)
    for call in calls:
        with pytest.raises(expected) as caught:
            await call()
        assert type(caught.value) is expected
        assert_safe(caught.value)
    server.faults.clear()
    assert len((await api.list(limit=5)).sightings) == 5


@pytest.mark.parametrize("fault", ["reset/results", "stall=30/results"])
async def test_a_download_that_is_cut_or_stalls(
    simulator: Any,
    connect: Connect,
    assert_safe: AssertSafe,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
) -> None:
    monkeypatch.setattr(sdk, "RESULTS_READ_SECONDS", 0.3)
    server = simulator("big:500")
    api = connect(server.base_url)
    batch = (await api.list(limit=1)).sightings[0].batch
    server.faults.add(fault)
    with pytest.raises(UnreachableError) as caught:
        await read_all(api, batch.id)
    assert_safe(caught.value)
    server.faults.clear()
    assert len((await read_all(api, batch.id)).splitlines()) == 500


async def test_a_download_with_a_broken_compression(scripted: Any, connect: Connect) -> None:
    body = gzip.compress(LINE * 1000)
    broken = body[:20] + b"\xff" * 40 + body[60:]
    server = scripted().answers(200, broken, {"content-encoding": "gzip"})
    with pytest.raises(BadReplyError):
        await read_all(connect(server.base_url), "x")


async def test_a_web_page_is_no_results(scripted: Any, connect: Connect) -> None:
    server = scripted().answers(
        200, b"\n <html>Please log in</html>", {"content-type": "text/html"}
    )
    with pytest.raises(BadReplyError, match="web page"):
        await read_all(connect(server.base_url), "x")


async def test_results_served_as_text_html_are_taken(scripted: Any, connect: Connect) -> None:
    server = scripted().answers(200, LINE, {"content-type": "text/html"})
    assert await read_all(connect(server.base_url), "x") == LINE


async def test_a_reader_that_stops_early_leaves_a_working_client(
    simulator: Any, connect: Connect
) -> None:
    api = connect(simulator("big:2000").base_url)
    batch = (await api.list(limit=1)).sightings[0].batch
    async with api.results(batch.id) as stream:
        async for _ in stream:
            break
    assert (await api.retrieve(batch.id)).batch.id == batch.id


async def test_an_answer_cut_short(scripted: Any, connect: Connect) -> None:
    server = scripted().answers(200, b'{"id"', missing=100)
    with pytest.raises(UnreachableError):
        await connect(server.base_url).retrieve("x")


async def test_an_answer_that_never_ends(
    scripted: Any, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = scripted().answers(200, b'{"id"', missing=100, stalls=True)
    api = connect(server.base_url)
    await api.connect()
    monkeypatch.setattr(client, "CALL_SECONDS", 0.2)
    with pytest.raises(UnreachableError, match="in time"):
        await api.retrieve("x")


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"<html>", b"{", b"\xff", b"[" * 100_000])
@pytest.mark.parametrize("verb", ["list", "retrieve", "cancel", "delete"])
async def test_nonsense_is_an_error_and_not_a_hollow_object(
    scripted: Any, connect: Connect, verb: str, body: bytes
) -> None:
    api = connect(scripted().answers(200, body).base_url)
    with pytest.raises(BadReplyError):
        await (api.list(limit=1) if verb == "list" else getattr(api, verb)("x"))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed_and_the_key_stays_here(
    scripted: Any, connect: Connect, assert_safe: AssertSafe, status: int
) -> None:
    elsewhere = scripted().answers(200, LINE)
    server = scripted().answers(status, b"", {"location": f"{elsewhere.base_url}/canary"})
    api = connect(server.base_url)
    for call in (api.retrieve("x"), api.cancel("x"), api.delete("x"), read_all(api, "x")):
        with pytest.raises(RefusedError, match=r"127\.0\.0\.1.*not followed") as caught:
            await call
        assert_safe(caught.value)
        assert caught.value.foreign
    assert elsewhere.seen == []


async def test_results_never_come_from_results_url(scripted: Any, connect: Connect) -> None:
    elsewhere = scripted().answers(200, LINE)
    batch = {"id": "x", "processing_status": "ended", "request_counts": {"succeeded": 1}}
    batch |= {"created_at": "2026-11-01T00:00:00Z", "results_url": f"{elsewhere.base_url}/r"}
    server = scripted().answers(200, json.dumps(batch).encode()).answers(200, LINE)
    api = connect(server.base_url)
    await api.retrieve("x")
    assert await read_all(api, "x") == LINE
    assert elsewhere.seen == []
    assert server.seen[1].path == "/v1/messages/batches/x/results"


@pytest.mark.parametrize(
    ("batch_id", "path"),
    [
        ("a/../b", "a%2F..%2Fb"),
        ("a?b=c#d", "a%3Fb%3Dc%23d"),
        ("100%", "100%25"),
        ("%2e%2e", "%252e%252e"),
        ("é 漢", "%C3%A9%20%E6%BC%A2"),
        ("a\r\nb\x1b", "a%0D%0Ab%1B"),
        ("http://evil/", "http%3A%2F%2Fevil%2F"),
    ],
)
async def test_odd_ids_stay_one_piece_of_the_path(
    scripted: Any, connect: Connect, batch_id: str, path: str
) -> None:
    server = scripted().answers(404, b'{"type":"error","error":{"type":"not_found_error"}}')
    api = connect(f"{server.base_url}/some/gateway/")
    with pytest.raises(NotFoundError):
        await api.retrieve(batch_id)
    with pytest.raises(NotFoundError):
        await read_all(api, batch_id)
    base = f"/some/gateway/v1/messages/batches/{path}"
    assert [seen.path for seen in server.seen] == [base, f"{base}/results"]


@pytest.mark.parametrize("batch_id", ["", ".", "..", "..;x", ";x", "\ud800"])
async def test_what_cannot_be_an_id_is_not_sent(
    scripted: Any, connect: Connect, batch_id: str
) -> None:
    server = scripted().answers(200, b"{}")
    with pytest.raises(UsageError):
        await connect(server.base_url).delete(batch_id)
    assert server.seen == []


async def test_no_call_is_sent_twice_or_traced(scripted: Any, connect: Connect) -> None:
    server = scripted().answers(503, b"{}", {"x-should-retry": "true", "retry-after": "0"})
    with pytest.raises(ServerFaultError):
        await connect(server.base_url).retrieve("x")
    assert len(server.seen) == 1
    assert "traceparent" not in server.seen[0].headers


async def test_first_calls_at_once_share_one_client(simulator: Any, connect: Connect) -> None:
    api = connect(simulator("crowd:5").base_url)
    pages = await asyncio.gather(*(api.list(limit=2) for _ in range(5)))
    assert len({page.first_id for page in pages}) == 1


async def test_a_proxy_that_is_none(
    connect: Connect, assert_safe: AssertSafe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "gopher://user:canary@nowhere")
    with pytest.raises(BatchtuiError) as caught:
        await connect("https://api.example").connect()
    assert_safe(caught.value)


async def test_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Api()
    assert not api.identity.present
    with pytest.raises(CredentialsError, match="batchtui demo") as caught:
        await api.connect()
    assert "ANTHROPIC_API_KEY" in str(caught.value)
    assert caught.value.exit_code == 4


LATE = """
import sys
import batchtui.api.client, batchtui.api.retry, batchtui.settings.config
import batchtui.settings.credentials, batchtui.settings.directory
api = batchtui.api.client.Api(api_key="k")
heavy = {"anthropic", "httpx2", "pydantic", "textual", "platformdirs", "tomli_w"}
print(*heavy & set(sys.modules))
"""


def test_importing_and_making_a_client_loads_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", LATE], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


NOISY = """
import asyncio
from batchtui.api.client import Api
async def main():
    api = Api(base_url="http://127.0.0.1:1")
    try:
        await api.list(limit=1)
    except Exception as error:
        print(type(error).__name__)
    await api.aclose()
asyncio.run(main())
"""


@pytest.mark.parametrize("level", ["", "debug"])
def test_the_sdk_writes_nothing_to_the_terminal(level: str) -> None:
    environ = os.environ | {
        "ANTHROPIC_API_KEY": "canary",
        "ANTHROPIC_AUTH_TOKEN": "canary",
        "ANTHROPIC_PROFILE": "shadowed",
        "ANTHROPIC_LOG": level,
    }
    done = subprocess.run(
        [sys.executable, "-c", NOISY], capture_output=True, text=True, check=True, env=environ
    )
    assert (done.stdout, done.stderr) == ("UnreachableError\n", "")


async def test_a_key_echoed_in_an_answer_is_not_kept(
    scripted: Any, connect: Connect, simulator: Any
) -> None:
    """What is received of a batch is stored as it is."""
    secret = "not-like-other-keys-0123"
    page = await connect(simulator("crowd:1").base_url).list(limit=1)
    echoed = json.loads(page.sightings[0].body)
    echoed |= {"debug": f"Bearer {secret}", "results_url": f"http://x/?key={secret}"}
    server = scripted().answers(200, json.dumps(echoed).encode())
    sighting = await connect(server.base_url, api_key=secret).retrieve("x")
    assert sighting.batch.id == echoed["id"]
    assert b"debug" in sighting.body
    assert secret not in repr(sighting)
