"""A body on its way to the server, and what may have come of it if no good answer came."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator

from batchtui.domain.errors import (
    ApiError,
    BadReplyError,
    BatchtuiError,
    NotFoundError,
    RateLimitedError,
    RefusedError,
    ServerFaultError,
    SpendLimitError,
    UnauthorizedError,
    UnsupportedError,
)

_REFUSALS = (
    NotFoundError,
    RefusedError,
    RateLimitedError,
    SpendLimitError,
    UnauthorizedError,
    UnsupportedError,
)


class Upload:
    """A body whose sending is watched; iterating over it again sends it from its beginning.

    Attributes:
        size: its bytes.
        complete: whether all of it has been handed to the transport: only then may anything come
            of it.
        failure: what kept it from being read to its end.
    """

    def __init__(self, body: AsyncIterable[bytes], size: int) -> None:
        self.size = size
        self.complete = False
        self.failure: BatchtuiError | None = None
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.complete = False
        self.failure = None
        sent = 0
        try:
            async for piece in self._body:
                sent += len(piece)
                # Said before it happens: afterwards nobody may be there to say it.
                self.complete = sent >= self.size
                yield piece
        except BatchtuiError as error:
            # The SDK would make a failed connection of it.
            self.failure = error
            raise


def is_unsure(error: ApiError) -> bool:
    """Whether a request that was sent as a whole may have been carried out despite the error."""
    if isinstance(error, _REFUSALS):
        return False
    if isinstance(error, ServerFaultError):
        # With these the API turns requests away before it looks at them; a gateway, which has no
        # ids for requests, may say 503 when it has lost sight of one.
        return error.status != 529 and (error.status != 503 or error.request_id is None)
    if isinstance(error, BadReplyError):
        return error.status is None or error.status < 300
    return True
