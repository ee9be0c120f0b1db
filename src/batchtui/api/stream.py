"""The results of a batch as they arrive: decoded bytes, and errors a person can read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from batchtui.api.errors import translate
from batchtui.api.replies import check_results
from batchtui.domain.errors import BatchtuiError

if TYPE_CHECKING:
    import httpx2


class ResultsStream:
    """A download under way. Iterate over it once.

    Attributes:
        total_bytes: how many bytes there will be; None if the server did not say, or said only
            how many compressed ones.
    """

    def __init__(self, response: httpx2.Response) -> None:
        self._response = response
        self.total_bytes: int | None = _total(response)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The bytes as they come, in pieces of any size: the first lines are not kept waiting.

        Raises:
            UnreachableError: if the download is cut or stalls.
            BadReplyError: if it is a web page, or its compression is broken.
        """
        failure: BatchtuiError
        first = True
        try:
            async for chunk in self._response.aiter_bytes():
                if first:
                    check_results(chunk)
                    first = False
                yield chunk
            return
        except Exception as error:
            failure = translate(error)
        raise failure


def _total(response: httpx2.Response) -> int | None:
    if response.headers.get("content-encoding", "identity") != "identity":
        return None
    length = response.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else None
