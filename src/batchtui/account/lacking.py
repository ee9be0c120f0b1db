"""Finds out which operations a server lacks: gateways in front of the API may speak a part of it.

What the API itself refuses is told from what nobody there has heard of by the shape of the answer,
and in doubt by asking for a batch: one that is there can be canceled, unless nobody can cancel.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias, TypeVar

from batchtui.account.events import Lacking
from batchtui.domain.errors import ApiError, UnsupportedError
from batchtui.domain.operation import Operation

T = TypeVar("T")

IsThere: TypeAlias = Callable[[], Awaitable[bool]]
"""Asks the server for a batch that it should have."""

_CANNOT = {
    Operation.CREATE: "take new batches",
    Operation.RETRIEVE: "say how a single batch stands",
    Operation.LIST: "list batches",
    Operation.CANCEL: "cancel batches",
    Operation.DELETE: "delete batches",
    Operation.RESULTS: "hand out results",
}
_INSTEAD = {
    Operation.LIST: "only those that are known here are watched, one by one",
}


class Lacks:
    """What the server of one account has turned out to lack.

    Args:
        tell: given an event when one more operation is found to be lacking.

    Attributes:
        operations: those that are lacking.
    """

    def __init__(self, tell: Callable[[Lacking], None]) -> None:
        self.operations: frozenset[Operation] = frozenset()
        self._tell = tell

    def require(self, operation: Operation) -> None:
        """Refuse what is known to be lacking, without asking the server.

        Raises:
            UnsupportedError: if it is.
        """
        if operation in self.operations:
            raise unsupported(operation)

    async def call(
        self, operation: Operation, call: Callable[[], Awaitable[T]], *, is_there: IsThere
    ) -> T:
        """Call, and take note if the server turns out to lack the operation.

        Args:
            operation: what is called.
            call: how; called again, unless it creates, if its 404 is the operation's and not the
                batch's: there are servers whose 404 passes.
            is_there: tells a 404 for the operation from one for all there is.

        Raises:
            UnsupportedError: if the server lacks it.
            BatchtuiError: whatever else went wrong.
        """
        self.require(operation)
        try:
            return await call()
        except ApiError as error:
            if not seems_lacking(error):
                raise
            if not isinstance(error, UnsupportedError):
                if not await is_there():
                    raise
                if operation is not Operation.CREATE:
                    return await self._call_again(operation, call)
        raise self._noted(operation)

    async def _call_again(self, operation: Operation, call: Callable[[], Awaitable[T]]) -> T:
        try:
            return await call()
        except ApiError as error:
            if not seems_lacking(error):
                raise
        raise self._noted(operation)

    def _noted(self, operation: Operation) -> UnsupportedError:
        if operation not in self.operations:
            self.operations |= {operation}
            self._tell(Lacking(self.operations, _words(operation)))
        return unsupported(operation)


def seems_lacking(error: ApiError) -> bool:
    """Whether this is what a server says that has never heard of what it is asked for."""
    return isinstance(error, UnsupportedError) or (error.foreign and error.status == 404)


def _words(operation: Operation) -> str:
    instead = _INSTEAD.get(operation, "that is switched off")
    return f"This server cannot {_CANNOT[operation]}, so {instead}."


def unsupported(operation: Operation) -> UnsupportedError:
    """The error for what a server lacks."""
    return UnsupportedError(f"This server cannot {_CANNOT[operation]}")
