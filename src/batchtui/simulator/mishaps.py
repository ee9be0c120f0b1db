"""How each fault of `faults` looks on the wire."""

import asyncio
from contextlib import suppress

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from batchtui.simulator.errors import WireError, queue_full
from batchtui.simulator.faults import Fault
from batchtui.simulator.message import encode

LET_THROUGH = 65_536
"""Bytes of a body that pass before it is reset or stalls; of a shorter one, half."""
HANG_UP = "hang_up"
"""What the server calls, in the state it gives with a request, the function that closes its
connection at once."""
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


class _ConnectionCut(Exception):  # noqa: N818  (it ends a response; nobody reports it)
    """Unwinds a response whose connection is to be closed before its end."""


def instead(fault: Fault, request_id: str) -> Response | None:
    """The response that comes in place of the real one; None if there is to be a real one."""
    kind = fault.kind
    if kind in ("queue-full", "queue-full-bare"):
        return refuse(queue_full(fault.value if kind == "queue-full" else None), request_id)
    if kind == "lacks":
        return _unheard_of(int(fault.value))
    if kind in _ERRORS:
        headers = {"retry-after": f"{fault.value:g}"} if kind == "429" else None
        return refuse(WireError(*_ERRORS[kind], code=_CODES.get(kind), headers=headers), request_id)
    if kind in _PAGES:
        status, title = _PAGES[kind]
        page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
        return HTMLResponse(page, status)
    return None


def _unheard_of(status: int) -> Response:
    """What servers of all kinds say of a path or a method that they do not have."""
    words = {404: "Not Found", 405: "Method Not Allowed", 501: "Not Implemented"}[status]
    return JSONResponse({"detail": words}, status)


def refuse(error: WireError, request_id: str) -> Response:
    """The response to a refused request."""
    body = encode(error.body(request_id))
    return Response(body, error.status, error.headers, media_type="application/json")


async def harmed(fault: Fault, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Run the app while the fault strikes what comes to it, or what it sends."""
    if fault.kind == "lose":
        await _take_half(scope, receive)
        await _hang_up(scope, receive)
        return
    if fault.kind in _ODD_BODIES:
        await app(scope, receive, _unsent)
        odd = Response(_ODD_BODIES[fault.kind], media_type="application/json")
        await odd(scope, receive, send)
        return
    with suppress(_ConnectionCut):
        await app(_uncompressed(scope), receive, _HarmedBody(fault, scope, receive, send))


async def _unsent(message: Message) -> None:
    """Send nothing of what the app answers."""


async def _take_half(scope: Scope, receive: Receive) -> None:
    """Take in half of the request's body, or some of one whose length is not told."""
    wanted = int(Headers(scope=scope).get("content-length", 2 * LET_THROUGH)) // 2
    while wanted > 0:
        message = await receive()
        wanted -= len(message.get("body", b""))
        if not message.get("more_body"):
            return


async def _hang_up(scope: Scope, receive: Receive) -> None:
    """Close the connection at once."""
    scope["state"][HANG_UP]()
    await _until_gone(receive, 1)


def _uncompressed(scope: Scope) -> Scope:
    """The same request without `accept-encoding`: a harmed body is harmed in its plain bytes."""
    headers = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
    return {**scope, "headers": headers}


class _HarmedBody:
    """A `send` that does to a response what the fault says.

    Raises `_ConnectionCut` into the app when nothing more is to be sent.
    """

    def __init__(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        self._fault = fault
        self._scope = scope
        self._receive = receive
        self._send = send
        self._passed = 0
        self._held = b""

    async def __call__(self, message: Message) -> None:
        """Pass on one message of the response."""
        if message["type"] == "http.response.start":
            await self._before_the_answer()
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

    async def _before_the_answer(self) -> None:
        """What happens when all is done and nothing of it said."""
        if self._fault.kind == "drop":
            await _hang_up(self._scope, self._receive)
            raise _ConnectionCut
        if self._fault.kind == "late":
            await _until_gone(self._receive, self._fault.value)

    async def _cut_within(self, piece: bytes, more: bool) -> None:
        """End the response here and now, if its time has come."""
        kind = self._fault.kind
        due = not more or self._passed + len(piece) > LET_THROUGH
        if kind not in ("reset", "stall") or not due:
            return
        half = piece[: len(piece) // 2]
        await self._send({"type": "http.response.body", "body": half, "more_body": True})
        if kind == "stall":
            await _until_gone(self._receive, self._fault.value)
        raise _ConnectionCut


async def _until_gone(receive: Receive, seconds: float) -> None:
    """Wait until the client hangs up, but not longer than `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return
