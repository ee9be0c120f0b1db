"""The six endpoints of the Message Batches API over a `World`, as a Starlette app."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator
from mmap import ACCESS_READ, MADV_DONTNEED, mmap
from tempfile import SpooledTemporaryFile

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from batchtui.simulator.edge import Call, Edge
from batchtui.simulator.envelope import Body
from batchtui.simulator.errors import WireError, invalid
from batchtui.simulator.faults import Faults
from batchtui.simulator.keys import Keys
from batchtui.simulator.message import encode
from batchtui.simulator.mishaps import refuse
from batchtui.simulator.world import PAGE_SIZE, World

IN_MEMORY = 1 << 20
"""Bytes of a create request that are kept in memory; what is longer is kept in a file."""
BODY_LIMIT = 256 * 1000 * 1000
"""Bytes of a create request: the API says 256 MB."""
POLL_HINT = "10"
"""Seconds, as the API sends them in `retry-after` with a batch in progress."""


class _AnyId(Convertor[str]):
    """Any text at all, slashes and line breaks included: ids are not ours to validate."""

    regex = "(?s:.+)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("any_id", _AnyId())


def make_app(
    world: World,
    faults: Faults,
    *,
    calls: deque[Call] | None = None,
    body_limit: int = BODY_LIMIT,
    keys: Keys | None = None,
) -> Starlette:
    """The API over `world`, misbehaving as `faults` say.

    Args:
        world: What there is.
        faults: What goes wrong.
        calls: Where every request is written down.
        body_limit: Bytes a create request may have.
        keys: Which keys are accepted, and which open worlds of their own; by default any, and none.
    """
    calls = deque(maxlen=1) if calls is None else calls
    edge = Edge(world, faults, ROUTES, calls, keys or Keys(world))
    app = Starlette(
        routes=ROUTES,
        middleware=[
            Middleware(edge.around),
            Middleware(GZipMiddleware, compresslevel=1),
        ],
        exception_handlers={WireError: _refused, HTTPException: _no_such_route},
    )
    app.state.body_limit = body_limit
    return app


def _world(request: Request) -> World:
    world: World = request.scope["world"]
    return world


def _base_url(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _batch_id(request: Request) -> str:
    batch_id: str = request.path_params["id"]
    return batch_id


def _answer(value: object) -> Response:
    return Response(encode(value), media_type="application/json")


async def _create(request: Request) -> Response:
    body = await _read(request)
    # Checking 100,000 requests takes a moment; others are served meanwhile.
    batch = await run_in_threadpool(
        _world(request).create,
        body,
        version=request.headers["anthropic-version"],
        betas=request.headers.get("anthropic-beta", ""),
        base_url=_base_url(request),
    )
    if isinstance(body, mmap):
        # It is looked at again when results are read: until then it need not take up memory.
        body.madvise(MADV_DONTNEED)
    return _answer(batch)


async def _read(request: Request) -> Body:
    """The body, of which never more than the limit is read; a large one is kept in a file."""
    limit: int = request.app.state.body_limit
    size = int(request.headers.get("content-length", "0"))
    with SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        if size <= limit:
            async for piece in request.stream():
                file.write(piece)
                size = file.tell()
                if size > limit:
                    break
        if size > limit:
            raise WireError(413, "request_too_large", "Request exceeds the maximum size")
        file.seek(0)
        if size <= IN_MEMORY:
            return file.read()
        return mmap(file.fileno(), size, access=ACCESS_READ)


async def _list(request: Request) -> Response:
    query = request.query_params
    limit = query.get("limit", str(PAGE_SIZE))
    try:
        size = int(limit)
    except ValueError:
        raise invalid(
            "limit: Input should be a valid integer, unable to parse string as an integer"
        ) from None
    return _answer(
        _world(request).page(
            after_id=query.get("after_id") or None,
            before_id=query.get("before_id") or None,
            limit=size,
            base_url=_base_url(request),
        )
    )


async def _retrieve(request: Request) -> Response:
    batch = _world(request).retrieve(_batch_id(request), base_url=_base_url(request))
    # All escaped here, raw in a list: both are JSON, and a client has to take both.
    response = Response(encode(batch, escape=True), media_type="application/json")
    if batch["processing_status"] == "in_progress":
        response.headers["retry-after"] = POLL_HINT
    return response


async def _cancel(request: Request) -> Response:
    return _answer(_world(request).cancel(_batch_id(request), base_url=_base_url(request)))


async def _delete(request: Request) -> Response:
    return _answer(_world(request).delete(_batch_id(request)))


async def _results(request: Request) -> Response:
    pieces = _world(request).results(_batch_id(request))
    return StreamingResponse(_streamed(pieces), media_type="application/x-jsonl")


async def _streamed(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
        # A client that reads fast would keep everybody else waiting.
        await asyncio.sleep(0)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, WireError)
    return refuse(error, request.scope["request_id"])


async def _no_such_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = "not_found_error" if error.status_code == 404 else "invalid_request_error"
    refusal = WireError(error.status_code, kind, error.detail)
    return refuse(refusal, request.scope["request_id"])


_PATH = "/v1/messages/batches"
ROUTES = [
    Route(_PATH, _create, methods=["POST"], name="create"),
    Route(_PATH, _list, methods=["GET"], name="list"),
    Route(_PATH + "/{id:any_id}/results", _results, methods=["GET"], name="results"),
    Route(_PATH + "/{id:any_id}/cancel", _cancel, methods=["POST"], name="cancel"),
    Route(_PATH + "/{id:any_id}", _retrieve, methods=["GET"], name="retrieve"),
    Route(_PATH + "/{id:any_id}", _delete, methods=["DELETE"], name="delete"),
]
