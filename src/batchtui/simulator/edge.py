"""What surrounds every endpoint: credentials, versions, headers, the log of calls, and faults."""

import re
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import timedelta

import msgspec
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from batchtui.simulator.chance import identifier
from batchtui.simulator.errors import WireError, invalid
from batchtui.simulator.faults import Faults
from batchtui.simulator.message import encode
from batchtui.simulator.world import World

INVALID_KEY = "sk-ant-invalid"
"""The one key that is not accepted, as a Bearer token or as x-api-key."""
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


def refuse(error: WireError, request_id: str) -> Response:
    """The response to a refused request."""
    body = encode(error.body(request_id))
    return Response(body, error.status, error.headers, media_type="application/json")


class Edge:
    """Stands around the app; `calls` holds what was asked of it lately, oldest first."""

    def __init__(self, world: World, faults: Faults, routes: Sequence[Route]) -> None:
        self.calls: deque[Call] = deque(maxlen=10_000)
        self._world = world
        self._faults = faults
        self._routes = routes
        self._count = 0

    def around(self, app: ASGIApp) -> ASGIApp:
        """The app with everything that surrounds it."""

        async def surrounded(scope: Scope, receive: Receive, send: Send) -> None:
            headers = Headers(scope=scope)
            operation = self._operation(scope)
            self.calls.append(
                Call(
                    operation,
                    scope["method"],
                    scope["path"],
                    scope["query_string"].decode("ascii", "replace"),
                    dict(headers),
                )
            )
            self._count += 1
            request_id = identifier("req_", self._world.seed, self._count)
            scope["request_id"] = request_id
            extra = self._headers(request_id, headers)

            async def send_with_headers(message: Message) -> None:
                if message["type"] == "http.response.start":
                    MutableHeaders(scope=message).update(extra)
                await send(message)

            try:
                check(headers)
            except WireError as error:
                await refuse(error, request_id)(scope, receive, send_with_headers)
                return
            await app(scope, receive, send_with_headers)

        return surrounded

    def _operation(self, scope: Scope) -> str:
        for route in self._routes:
            if route.matches(scope)[0] is Match.FULL:
                return route.name
        return ""

    def _headers(self, request_id: str, headers: Headers) -> dict[str, str]:
        now = self._world.clock()
        reset = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
        return {
            "request-id": request_id,
            "anthropic-organization-id": ORGANIZATION_ID,
            "anthropic-workspace-id": headers.get("anthropic-workspace-id", WORKSPACE_ID),
            "anthropic-ratelimit-requests-limit": str(RATE_LIMIT),
            "anthropic-ratelimit-requests-remaining": str(RATE_LIMIT - self._count % RATE_LIMIT),
            "anthropic-ratelimit-requests-reset": reset.isoformat().replace("+00:00", "Z"),
        }


def check(headers: Headers) -> None:
    """Let a request in.

    Raises:
        WireError: No credentials or bad ones, an unknown version, a malformed workspace id.
    """
    scheme, _, token = headers.get("authorization", "").partition(" ")
    key = token.strip() if scheme.lower() == "bearer" else ""
    key = key or headers.get("x-api-key", "")
    if not key:
        raise WireError(401, "authentication_error", "x-api-key header is required")
    if key == INVALID_KEY:
        raise WireError(401, "authentication_error", "API key is invalid.")
    version = headers.get("anthropic-version")
    if version is None:
        raise invalid("anthropic-version: header is required")
    if version not in VERSIONS:
        raise invalid(f"anthropic-version: {version!r} is not a valid version")
    workspace = headers.get("anthropic-workspace-id")
    if workspace is not None and not _WORKSPACE.fullmatch(workspace):
        raise invalid("anthropic-workspace-id header must be a valid workspace ID.")
