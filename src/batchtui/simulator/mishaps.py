"""How each fault of `faults` looks on the wire."""

import asyncio

from starlette.datastructures import MutableHeaders
from starlette.responses import HTMLResponse, Response
from starlette.types import Message, Receive, Scope, Send

from batchtui.simulator.errors import WireError
from batchtui.simulator.faults import Fault
from batchtui.simulator.message import encode

LET_THROUGH = 65_536
"""Bytes of a body that pass before it is reset or stalls; of a shorter one, half."""
NOISE = b'\x00\xff{"custom_id": not JSON at all <<<\x1b[31m\n'

_SPEND_CAP = (
    "You have reached your API usage limits: your organization has crossed its monthly API usage "
    "threshold, set by its usage tier. You will regain access on 2026-12-01 at 00:00 UTC."
)
_ERRORS = {
    "400": (400, "invalid_request_error", "The request is not valid."),
    "401": (401, "authentication_error", "API key is invalid."),
    "402": (402, "billing_error", "There is a problem with your payment method."),
    "403": (403, "permission_error", "Your API key does not have permission to do this."),
    "404": (404, "not_found_error", "Not found"),
    "408": (408, "timeout_error", "Request timeout"),
    "409": (409, "conflict_error", "The resource is being changed by another request."),
    "429": (429, "rate_limit_error", "Number of requests has exceeded your rate limit."),
    "429-bare": (429, "rate_limit_error", "Number of requests has exceeded your rate limit."),
    "500": (500, "api_error", "Internal server error"),
    "503": (503, "api_error", "Service unavailable"),
    "504": (504, "timeout_error", "Gateway timeout"),
    "529": (529, "overloaded_error", "Overloaded"),
    "spend-cap": (429, "rate_limit_error", _SPEND_CAP),
    "spend-limit": (
        400,
        "invalid_request_error",
        "You have reached your specified API usage limits. You will regain access on "
        "2026-12-01 at 00:00 UTC.",
    ),
}
_CODES = {"spend-cap": "enforced_spend_limit_reached"}
_PAGES = {"413": (413, "413 Request Entity Too Large"), "502": (502, "502 Bad Gateway")}
_ODD_BODIES = {"empty": b"{}", "broken": b'{"id":"msgbatch_01","type":"message_ba'}


class ConnectionCut(Exception):  # noqa: N818  (it ends a response; nobody reports it)
    """Unwinds a response whose connection is to be closed before its end."""


def instead(fault: Fault | None, request_id: str) -> Response | None:
    """The response that comes in place of the real one; None if only its body is harmed."""
    if fault is None:
        return None
    kind = fault.kind
    if kind in _ERRORS:
        headers = {"retry-after": f"{fault.value:g}"} if kind == "429" else None
        return refuse(WireError(*_ERRORS[kind], code=_CODES.get(kind), headers=headers), request_id)
    if kind in _PAGES:
        status, title = _PAGES[kind]
        page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
        return HTMLResponse(page, status)
    if kind in _ODD_BODIES:
        return Response(_ODD_BODIES[kind], media_type="application/json")
    return None


def refuse(error: WireError, request_id: str) -> Response:
    """The response to a refused request."""
    body = encode(error.body(request_id))
    return Response(body, error.status, error.headers, media_type="application/json")


def uncompressed(scope: Scope) -> Scope:
    """The same request without `accept-encoding`: a harmed body is harmed in its plain bytes."""
    headers = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
    return {**scope, "headers": headers}


class HarmedBody:
    """A `send` that does to a body what the fault says.

    Raises `ConnectionCut` into the app when nothing more is to be sent.
    """

    def __init__(self, fault: Fault, receive: Receive, send: Send) -> None:
        self._fault = fault
        self._receive = receive
        self._send = send
        self._passed = 0
        self._held = b""

    async def __call__(self, message: Message) -> None:
        """Pass on one message of the response."""
        if message["type"] == "http.response.start":
            del MutableHeaders(scope=message)["content-length"]
            await self._send(message)
            return
        body, more = message.get("body", b""), message.get("more_body", False)
        if more and not body:
            return
        # One piece is held back, because the last one that is not empty may be cut.
        piece, self._held = (self._held, body) if more else (self._held + body, b"")
        if self._fault.kind == "garbage" and piece and not self._passed:
            first, newline, rest = piece.partition(b"\n")
            piece = first + newline + NOISE + rest
        if self._fault.kind == "truncate" and not more:
            start = piece.rfind(b"\n", 0, len(piece) - 1) + 1
            piece = piece[: start + (len(piece) - start) // 2]
        await self._cut_within(piece, more)
        self._passed += len(piece)
        await self._send({"type": message["type"], "body": piece, "more_body": more})

    async def _cut_within(self, piece: bytes, more: bool) -> None:
        """End the response here and now, if its time has come."""
        kind = self._fault.kind
        due = kind == "drop" or not more or self._passed + len(piece) > LET_THROUGH
        if kind not in ("reset", "stall", "drop") or not due:
            return
        half = 0 if kind == "drop" else len(piece) // 2
        await self._send({"type": "http.response.body", "body": piece[:half], "more_body": True})
        if kind == "stall":
            await _until_gone(self._receive, self._fault.value)
        raise ConnectionCut


async def _until_gone(receive: Receive, seconds: float) -> None:
    """Wait until the client hangs up, but not longer than `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return
