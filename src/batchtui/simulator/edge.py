"""What surrounds every endpoint: credentials, versions, headers, the log of calls, and faults."""

import asyncio
import re
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import timedelta
from email.utils import format_datetime

import msgspec
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from batchtui.simulator.chance import identifier
from batchtui.simulator.errors import WireError, invalid
from batchtui.simulator.faults import Faults
from batchtui.simulator.keys import Keys
from batchtui.simulator.mishaps import harmed, instead, refuse
from batchtui.simulator.world import World

VERSIONS = ("2023-06-01", "2026-10-21")
ORGANIZATION_ID = "5f1e7c3a-0b2d-4e6f-8a9b-51f0c0de0001"
WORKSPACE_ID = "wrkspc_01SimulatedWorkspace00001"
RATE_LIMIT = 4000
"""Requests a minute; told in headers, never enforced (that is what faults are for)."""

_WORKSPACE = re.compile(r"wrkspc_[A-Za-z0-9]+|default")


class Call(msgspec.Struct, frozen=True):
    """One request as it arrived; `operation` is empty for a path the API does not have."""

    operation: str
    method: str
    path: str
    query: str
    headers: Mapping[str, str]


class Edge:
    """Stands around the app and writes every request into `calls`."""

    def __init__(
        self,
        world: World,
        faults: Faults,
        routes: Sequence[Route],
        calls: deque[Call],
        keys: Keys,
    ) -> None:
        self._world = world
        self._keys = keys
        self._faults = faults
        self._routes = routes
        self._calls = calls
        self._count = 0

    def around(self, app: ASGIApp) -> ASGIApp:
        """The app with everything that surrounds it."""

        async def surrounded(scope: Scope, receive: Receive, send: Send) -> None:
            headers = Headers(scope=scope)
            operation = self._note(scope, headers)
            request_id = identifier("req_", self._world.seed, self._count)
            extra = self._headers(request_id, headers)

            async def send_with_headers(message: Message) -> None:
                if message["type"] == "http.response.start":
                    MutableHeaders(scope=message).update(extra)
                await send(message)

            scope["request_id"] = request_id
            strike = self._faults.strike(operation)
            if strike.latency:
                await asyncio.sleep(strike.latency)
            fault = strike.fault
            key = _key(headers)
            if fault is not None and fault.kind == "revoke":
                self._keys.revoke(key)
            scope["world"] = self._keys.opens(key)
            response = refusal(headers, request_id, accepted=self._keys.accepts(key))
            if response is None and fault is not None:
                response = instead(fault, request_id)
            if response is not None:
                await response(scope, receive, send_with_headers)
            elif fault is not None:
                await harmed(fault, app, scope, receive, send_with_headers)
            else:
                await app(scope, receive, send_with_headers)

        return surrounded

    def _note(self, scope: Scope, headers: Headers) -> str:
        """Write the request down and tell its operation."""
        matching = (r.name for r in self._routes if r.matches(scope)[0] is Match.FULL)
        operation = next(matching, "")
        query = scope["query_string"].decode("ascii", "replace")
        call = Call(operation, scope["method"], scope["path"], query, dict(headers))
        self._calls.append(call)
        self._count += 1
        return operation

    def _headers(self, request_id: str, headers: Headers) -> dict[str, str]:
        now = self._world.clock()
        reset = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
        return {
            "date": format_datetime(now, usegmt=True),
            "request-id": request_id,
            "anthropic-organization-id": ORGANIZATION_ID,
            "anthropic-workspace-id": headers.get("anthropic-workspace-id", WORKSPACE_ID),
            "anthropic-ratelimit-requests-limit": str(RATE_LIMIT),
            "anthropic-ratelimit-requests-remaining": str(RATE_LIMIT - self._count % RATE_LIMIT),
            "anthropic-ratelimit-requests-reset": reset.isoformat().replace("+00:00", "Z"),
        }


def refusal(headers: Headers, request_id: str, *, accepted: bool = True) -> Response | None:
    """The response to a request that is not let in: credentials, version, workspace."""
    try:
        _check(headers, accepted=accepted)
    except WireError as error:
        return refuse(error, request_id)
    return None


def _key(headers: Headers) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    key = token.strip() if scheme.lower() == "bearer" else ""
    return key or headers.get("x-api-key", "")


def _check(headers: Headers, *, accepted: bool) -> None:
    if not _key(headers):
        raise WireError(401, "authentication_error", "x-api-key header is required")
    if not accepted:
        raise WireError(401, "authentication_error", "API key is invalid.")
    version = headers.get("anthropic-version")
    if version is None:
        raise invalid("anthropic-version: header is required")
    if version not in VERSIONS:
        raise invalid(f"anthropic-version: {version!r} is not a valid version")
    workspace = headers.get("anthropic-workspace-id")
    if workspace is not None and not _WORKSPACE.fullmatch(workspace):
        raise invalid("anthropic-workspace-id header must be a valid workspace ID.")
