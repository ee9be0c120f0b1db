"""One request to the Message Batches API, and its way through the SDK."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

import msgspec

from batchtui.api import sdk
from batchtui.api.upload import Upload
from batchtui.domain.errors import UsageError
from batchtui.domain.text import safe_line

if TYPE_CHECKING:
    import anthropic
    import httpx2

BATCHES = "/v1/messages/batches"


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP request.

    Attributes:
        read: how many seconds may pass between two pieces of the answer.
        stream: whether the answer is to be read piece by piece.
        upload: what to send as its body.
    """

    method: Literal["GET", "POST", "DELETE"]
    path: str
    params: Mapping[str, object] = {}
    read: float = sdk.READ_SECONDS
    stream: bool = False
    upload: Upload | None = None

    @property
    def headers(self) -> dict[str, str]:
        """The headers that are not the same for every request."""
        if self.upload is not None:
            # With its length told, a body that breaks off can never pass for a whole one.
            return {"Content-Type": "application/json", "Content-Length": str(self.upload.size)}
        return {"Accept": "application/binary"} if self.stream else {}


async def send(client: anthropic.AsyncAnthropic, request: Request) -> httpx2.Response:
    """Send a request; returns the answer, read to its end unless it is to be streamed.

    Raises:
        Exception: whatever the SDK raises.
    """
    import httpx2

    options: anthropic.RequestOptions = {
        "params": request.params,
        "headers": request.headers,
        "timeout": sdk.timeout(request.read),
    }
    if request.method == "GET":
        response = await client.get(
            request.path, cast_to=httpx2.Response, options=options, stream=request.stream
        )
        assert isinstance(response, httpx2.Response)  # no other class was asked for
        return response
    if request.method == "DELETE":
        return await client.delete(request.path, cast_to=httpx2.Response, options=options)
    return await client.post(
        request.path, cast_to=httpx2.Response, content=request.upload, options=options
    )


def path_of(batch_id: str) -> str:
    """The path of a batch. Ids are foreign: nothing in one may change what is called.

    Raises:
        UsageError: if no id could look like this.
    """
    if not batch_id or batch_id.startswith((".", ";")):
        raise UsageError(f'"{safe_line(batch_id, 100)}" is not the id of a message batch')
    try:
        return f"{BATCHES}/{quote(batch_id, safe='')}"
    except UnicodeEncodeError:
        raise UsageError("This is not the id of a message batch") from None
