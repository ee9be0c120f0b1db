"""Every refusal of the API becomes one sentence of the right kind, and keeps its secrets."""

import json
import socket
import ssl
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from batchtui.api.client import Api
from batchtui.api.errors import translate
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
)

Connect = Callable[..., Api]
AssertSafe = Callable[..., None]
KEY = "sk-ant-api03-canary-0123456789"
HTML = b"<html><head><title>502</title></head><body>Bad gateway <b>canary</b></body></html>"


def refusal(kind: str, message: str, code: str | None = None) -> bytes:
    error: dict[str, Any] = {"type": kind, "message": message}
    if code:
        error["details"] = {"error_code": code}
    return json.dumps({"type": "error", "error": error, "request_id": "req_1"}).encode()


LIMITS = (
    "You have reached your specified API usage limits. "
    "You will regain access on 2026-12-01 at 00:00 UTC."
)
MONTHLY = "You have reached your API usage limits: your organization has crossed its threshold."

TABLE = [
    (400, "invalid_request_error", "limit: too large", None, RefusedError),
    (400, "invalid_request_error", LIMITS, None, SpendLimitError),
    (400, "invalid_request_error", "on hold", "organization_on_hold", RefusedError),
    (401, "authentication_error", "API key is invalid.", None, UnauthorizedError),
    (402, "billing_error", "Payment failed.", None, RefusedError),
    (402, "billing_error", "No", "linked_organization_spend_limit_reached", SpendLimitError),
    (403, "permission_error", "Not allowed.", None, UnauthorizedError),
    (404, "not_found_error", "Message Batch x not found.", None, NotFoundError),
    (408, "timeout_error", "Too slow.", None, ServerFaultError),
    (409, "conflict_error", "Conflict.", None, RefusedError),
    (413, "request_too_large", "Too large.", None, RefusedError),
    (422, "invalid_request_error", "No.", None, RefusedError),
    (429, "rate_limit_error", "Slow down.", None, RateLimitedError),
    (429, "rate_limit_error", "Ramp.", "ramp_limit_exceeded", RateLimitedError),
    (429, "rate_limit_error", MONTHLY, "enforced_spend_limit_reached", SpendLimitError),
    (429, "rate_limit_error", "No", "contract_spend_limit_reached", SpendLimitError),
    (429, "rate_limit_error", MONTHLY, None, SpendLimitError),
    (500, "api_error", "Internal server error", None, ServerFaultError),
    (501, "api_error", "No", "cmek_key_unreachable", ServerFaultError),
    (503, "api_error", "Unavailable", None, ServerFaultError),
    (504, "timeout_error", "Timeout", None, ServerFaultError),
    (529, "overloaded_error", "Overloaded", None, ServerFaultError),
    (418, "teapot_error", "Unknown kinds are fine.", "unheard_of", RefusedError),
]


@pytest.mark.parametrize(("status", "kind", "message", "code", "expected"), TABLE)
async def test_every_status_is_one_sentence_of_its_kind(
    scripted: Any,
    connect: Connect,
    assert_safe: AssertSafe,
    status: int,
    kind: str,
    message: str,
    code: str | None,
    expected: type[ApiError],
) -> None:
    server = scripted().answers(status, refusal(kind, message, code), {"request-id": "req_7"})
    error = await failure_of(connect(server.base_url))
    assert type(error) is expected
    assert (error.status, error.request_id) == (status, "req_7")
    assert "req_7" in str(error)
    assert len(server.seen) == 1
    assert_safe(error)


async def failure_of(api: Api) -> ApiError:
    with pytest.raises(ApiError) as caught:
        await api.retrieve("x")
    return caught.value


async def test_a_rate_with_a_wait_is_no_spend_limit_whatever_it_is_called(
    scripted: Any, connect: Connect
) -> None:
    said = refusal("rate_limit_error", "This would exceed your usage limit per minute.")
    server = scripted().answers(429, said, {"retry-after": "3"})
    assert type(await failure_of(connect(server.base_url))) is RateLimitedError


async def test_a_full_queue_is_said_in_few_words(scripted: Any, connect: Connect) -> None:
    said = refusal("rate_limit_error", "Too many requests in the processing queue of " + "x" * 99)
    server = scripted().answers(429, said, {"retry-after": "3"})
    error = await failure_of(connect(server.base_url))
    assert type(error) is RateLimitedError
    assert error.retry_after == 3
    assert str(error) == "The queue of this organization is full."


async def test_nothing_is_said_twice(scripted: Any, connect: Connect) -> None:
    server = scripted().answers(529, refusal("overloaded_error", "Overloaded"))
    assert str(await failure_of(connect(server.base_url))) == "The API is overloaded."


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, UnauthorizedError),
        (403, UnauthorizedError),
        (404, BadReplyError),
        (413, RefusedError),
        (500, ServerFaultError),
        (502, ServerFaultError),
    ],
)
@pytest.mark.parametrize("body", [HTML, b"", b"null", b'"canary"', b"[1]", b"{", b"\xff\xfe"])
async def test_bodies_that_are_no_error_objects_are_not_shown(
    scripted: Any,
    connect: Connect,
    assert_safe: AssertSafe,
    status: int,
    body: bytes,
    expected: type[ApiError],
) -> None:
    error = await failure_of(connect(scripted().answers(status, body).base_url))
    assert type(error) is expected
    assert_safe(error, "html")


async def test_foreign_words_are_made_safe_and_short(
    scripted: Any, connect: Connect, assert_safe: AssertSafe
) -> None:
    message = "\x1b]0;owned\x07\u202eboo\n\r" + "long " * 500
    body = refusal("invalid_request_error", message)
    server = scripted().answers(400, body, {"request-id": "req_\x9b31m"})
    error = await failure_of(connect(server.base_url))
    assert_safe(error, "\x07", "\u202e", "\x9b")
    assert len(str(error)) < 400


@pytest.mark.parametrize("field", ["message", "type", "details", "error"])
@pytest.mark.parametrize("value", [None, 5, [], {"a": {"b": 1}}])
async def test_error_objects_of_another_shape_do_no_harm(
    scripted: Any, connect: Connect, field: str, value: object
) -> None:
    error: dict[str, object] = {"type": "api_error", "message": "m", "details": {}}
    body: dict[str, object] = {"type": "error", "error": error}
    (body if field == "error" else error)[field] = value
    server = scripted().answers(500, json.dumps(body).encode())
    assert type(await failure_of(connect(server.base_url))) is ServerFaultError


@pytest.mark.parametrize("key", [KEY, "plain-canary-secret-without-prefix"])
async def test_a_key_echoed_by_the_server_is_not_passed_on(
    scripted: Any, connect: Connect, assert_safe: AssertSafe, key: str
) -> None:
    said = f"Bearer {key} was sent with key '{key}', which looks like {key[:20]}"
    server = scripted().answers(
        401, refusal("authentication_error", said), {"request-id": f"req_{key}"}
    )
    error = await failure_of(connect(server.base_url, api_key=key))
    assert isinstance(error, UnauthorizedError)
    assert key not in str(error)
    if key == KEY:
        assert_safe(error)


async def test_secrets_of_custom_headers_are_not_passed_on_either(
    scripted: Any, connect: Connect, assert_safe: AssertSafe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "X-Gateway-Token: canary-gateway\nx-plain: 1")
    said = refusal("invalid_request_error", "canary-gateway is unknown")
    server = scripted().answers(400, said)
    error = await failure_of(connect(server.base_url))
    assert server.seen[0].headers["x-gateway-token"] == "canary-gateway"
    assert_safe(error)


@pytest.mark.parametrize("key", ["canary\nkey", "canary\x00", " canary "])
async def test_a_key_that_cannot_be_sent_is_not_quoted(
    scripted: Any, connect: Connect, assert_safe: AssertSafe, key: str
) -> None:
    server = scripted().answers(200, b"{}")
    with pytest.raises(CredentialsError) as caught:
        await connect(server.base_url, api_key=key).retrieve("x")
    assert_safe(caught.value)
    assert server.seen == []


async def test_a_missing_workspace_tells_how_to_give_one(scripted: Any, connect: Connect) -> None:
    said = "anthropic-workspace-id is required when authenticating with an identity-linked API key"
    server = scripted().answers(400, refusal("invalid_request_error", said))
    error = await failure_of(connect(server.base_url))
    assert "--workspace" in error.todo


@pytest.mark.parametrize("status", [429, 503, 529])
async def test_a_wait_asked_for_is_kept(scripted: Any, connect: Connect, status: int) -> None:
    server = scripted().answers(status, refusal("x", "m"), {"retry-after": "40"})
    assert (await failure_of(connect(server.base_url))).retry_after == 40


async def test_nobody_there(connect: Connect, assert_safe: AssertSafe) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    error = await failure_of(connect(f"http://127.0.0.1:{port}"))
    assert isinstance(error, UnreachableError)
    assert "connection refused" in str(error)
    assert_safe(error)


async def test_https_where_there_is_only_http(scripted: Any, connect: Connect) -> None:
    server = scripted().answers(200, b"{}")
    error = await failure_of(connect(server.base_url.replace("http", "https")))
    assert isinstance(error, UnreachableError)
    assert "TLS" in str(error)


def test_a_certificate_that_is_not_trusted() -> None:
    reason = ssl.SSLCertVerificationError(1, "certificate verify failed")
    reason.verify_message = "self-signed certificate"
    error = httpx2.ConnectError("all went wrong")
    error.__cause__ = reason
    assert "self-signed certificate" in str(translate(error))


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx2.ReadTimeout("canary"), UnreachableError),
        (httpx2.RemoteProtocolError("canary"), UnreachableError),
        (httpx2.ReadError("canary"), UnreachableError),
        (httpx2.ProxyError("canary"), UnreachableError),
        (httpx2.DecodingError("canary"), BadReplyError),
        (httpx2.LocalProtocolError("Illegal header value b'canary'"), CredentialsError),
        (UnicodeEncodeError("ascii", "canary", 0, 1, "no"), CredentialsError),
        (TimeoutError(), UnreachableError),
        (RuntimeError("canary"), ApiError),
        (ApiError("ours"), ApiError),
    ],
)
def test_what_the_transport_raises(
    error: Exception, kind: type[BatchtuiError], assert_safe: AssertSafe
) -> None:
    translated = translate(error)
    assert type(translated) is kind
    assert_safe(translated)
