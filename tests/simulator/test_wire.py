"""What the SDK hides: headers, versions, encodings, and requests it would never send."""

import json
from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest

from batchtui.simulator.app import make_app
from batchtui.simulator.edge import ORGANIZATION_ID, WORKSPACE_ID
from batchtui.simulator.faults import Faults
from batchtui.simulator.server import RunningServer
from batchtui.simulator.world import World

BATCHES = "/v1/messages/batches"
HEADERS = {"x-api-key": "sk-ant-simulated", "anthropic-version": "2023-06-01"}


@pytest.fixture
def server() -> Iterator[RunningServer]:
    with RunningServer("big:300") as running:
        yield running


@pytest.fixture
def http(server: RunningServer) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=server.base_url, headers=HEADERS) as client:
        yield client


def only_batch(http: httpx2.Client) -> str:
    batch_id: str = http.get(BATCHES).json()["data"][0]["id"]
    return batch_id


@pytest.mark.parametrize(
    "headers",
    [
        {"x-api-key": "any"},
        {"authorization": "Bearer any"},
        {"authorization": "Bearer any", "anthropic-version": "2026-10-21"},
        {"x-api-key": "any", "anthropic-beta": "message-batches-2024-09-24"},
    ],
)
def test_both_credentials_and_both_versions_are_taken(
    server: RunningServer, headers: dict[str, str]
) -> None:
    everything = {"anthropic-version": "2023-06-01", **headers}

    assert httpx2.get(server.base_url + BATCHES + "?beta=true", headers=everything).is_success


@pytest.mark.parametrize(
    ("headers", "status", "message"),
    [
        ({"x-api-key": ""}, 401, "x-api-key header is required"),
        ({"x-api-key": "sk-ant-invalid"}, 401, "API key is invalid."),
        ({"authorization": "Basic abc", "x-api-key": ""}, 401, "x-api-key header is required"),
        ({"authorization": "Bearer sk-ant-invalid"}, 401, "API key is invalid."),
        ({"anthropic-version": "2020-01-01"}, 400, "anthropic-version: '2020-01-01' is not a"),
        (
            {"anthropic-workspace-id": "my workspace"},
            400,
            "anthropic-workspace-id header must be a valid workspace ID.",
        ),
    ],
)
def test_who_is_not_let_in(
    http: httpx2.Client, headers: dict[str, str], status: int, message: str
) -> None:
    response = http.get(BATCHES, headers=headers)

    assert response.status_code == status
    assert response.json()["error"]["message"].startswith(message)
    assert response.json()["request_id"] == response.headers["request-id"]


def test_a_version_is_required(server: RunningServer) -> None:
    response = httpx2.get(server.base_url + BATCHES, headers={"x-api-key": "any"})

    assert response.json()["error"]["message"] == "anthropic-version: header is required"


def test_every_response_has_the_headers_of_the_api(http: httpx2.Client) -> None:
    first, second = http.get(BATCHES).headers, http.get(BATCHES + "/msgbatch_none").headers

    for headers in (first, second):
        assert headers["request-id"].startswith("req_")
        assert headers["anthropic-organization-id"] == ORGANIZATION_ID
        assert headers["anthropic-workspace-id"] == WORKSPACE_ID
        assert int(headers["anthropic-ratelimit-requests-remaining"]) < 4000
        assert headers["anthropic-ratelimit-requests-reset"].endswith("Z")
        assert headers["date"].endswith("GMT")
    assert first["request-id"] != second["request-id"]


def test_the_workspace_asked_for_is_the_workspace_named(http: httpx2.Client) -> None:
    headers = http.get(BATCHES, headers={"anthropic-workspace-id": "wrkspc_01Mine"}).headers

    assert headers["anthropic-workspace-id"] == "wrkspc_01Mine"


def test_only_a_batch_in_progress_hints_when_to_ask_again(http: httpx2.Client) -> None:
    body = {"requests": [{"custom_id": "a", "params": {}}]}
    created = http.post(BATCHES, json=body)
    batch_id = created.json()["id"]

    assert http.get(f"{BATCHES}/{batch_id}").headers["retry-after"] == "10"
    assert "retry-after" not in created.headers
    assert "retry-after" not in http.get(BATCHES).headers
    assert "retry-after" not in http.post(f"{BATCHES}/{batch_id}/cancel").headers
    assert "retry-after" not in http.get(f"{BATCHES}/{batch_id}").headers


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("limit=0", "limit: Input should be greater than or equal to 1"),
        ("limit=1001", "limit: Input should be less than or equal to 1000"),
        ("limit=ten", "limit: Input should be a valid integer"),
        ("after_id=a&before_id=b", "Only one of after_id and before_id"),
        ("after_id=msgbatch_none", "Message Batch msgbatch_none does not exist"),
    ],
)
def test_a_list_that_cannot_be(http: httpx2.Client, query: str, message: str) -> None:
    response = http.get(f"{BATCHES}?{query}")

    assert response.status_code == 400
    assert response.json()["error"]["type"] == "invalid_request_error"
    assert response.json()["error"]["message"].startswith(message)


def test_results_are_the_same_with_and_without_gzip(http: httpx2.Client) -> None:
    path = f"{BATCHES}/{only_batch(http)}/results"
    plain = http.get(path, headers={"accept-encoding": "identity"})
    packed = http.get(path, headers={"accept-encoding": "gzip"})

    assert plain.content == packed.content
    assert plain.headers["content-type"] == "application/x-jsonl"
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.num_bytes_downloaded < len(plain.content) / 4


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/v1/models", 404),
        ("PUT", BATCHES, 405),
        ("POST", f"{BATCHES}/msgbatch_x", 405),
        ("DELETE", f"{BATCHES}/msgbatch_x", 404),
        ("POST", f"{BATCHES}/msgbatch_x/cancel", 404),
        ("GET", f"{BATCHES}/msgbatch_x/results", 404),
    ],
)
def test_other_paths_are_refused_in_the_same_form(
    http: httpx2.Client, method: str, path: str, status: int
) -> None:
    response = http.request(method, path)

    assert response.status_code == status
    assert response.json()["type"] == "error"
    assert response.json()["error"]["message"]


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield b"x" * 60


@pytest.mark.parametrize("content", [b"x" * 101, endless()], ids=["told", "untold"])
async def test_no_more_of_a_body_is_read_than_allowed(
    content: bytes | AsyncIterator[bytes],
) -> None:
    app = make_app(World("empty"), Faults(), body_limit=100)

    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app), base_url="http://box", headers=HEADERS
    ) as http:
        response = await http.post(BATCHES, content=content)

    assert response.status_code == 413
    assert response.json()["error"]["type"] == "request_too_large"


def test_calls_are_written_down(server: RunningServer, http: httpx2.Client) -> None:
    http.get(BATCHES, params={"limit": "5"})
    http.get("/nowhere")

    first, second = server.calls
    assert (first.operation, first.method, first.path) == ("list", "GET", BATCHES)
    assert first.query == "limit=5"
    assert first.headers["x-api-key"] == "sk-ant-simulated"
    assert second.operation == ""


def test_both_forms_of_json_say_the_same(http: httpx2.Client) -> None:
    batch_id = only_batch(http)

    assert json.loads(http.get(f"{BATCHES}/{batch_id}").text)["id"] == batch_id
