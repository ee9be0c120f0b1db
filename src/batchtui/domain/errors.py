"""One exception root: every error says what happened, what was kept, and what to do.

The exit codes are those of the command line: 1 failed, 2 usage, 4 no or bad credentials.
"""

from __future__ import annotations

from typing import ClassVar


class BatchtuiError(Exception):
    """Anything that can reach a person.

    Args:
        what: what happened, as one sentence without its full stop.
        kept: what was kept all the same, likewise; empty if nothing was at stake.
        todo: what the person can do, likewise; empty if there is nothing to do.
    """

    exit_code: ClassVar[int] = 1
    transient: ClassVar[bool] = False
    """Whether the same call may succeed later without anyone changing anything."""

    def __init__(self, what: str, *, kept: str = "", todo: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.kept = kept
        self.todo = todo

    def __str__(self) -> str:
        parts = (self.what, self.kept, self.todo)
        return " ".join(
            part if part.endswith(("?", "!")) else f"{part.rstrip('.')}." for part in parts if part
        )


class UsageError(BatchtuiError):
    """The call itself is wrong: an unknown id, a bad option, a value out of range."""

    exit_code = 2


class ConfigError(BatchtuiError):
    """`config.toml` cannot be read, or says something that makes no sense."""

    exit_code = 2


class StorageError(BatchtuiError):
    """The config directory, the history or a result file cannot be read or written."""


class ReadOnlyError(BatchtuiError):
    """A verb that changes the server was asked for in read-only mode."""


class ResultsError(BatchtuiError):
    """A result file could not be fetched whole or read back."""


class RequestFileError(BatchtuiError):
    """A request file cannot be read, or no longer holds what it did when it was looked at."""


class CredentialsError(BatchtuiError):
    """No credentials were found, or the API does not accept them."""

    exit_code = 4


class ApiError(BatchtuiError):
    """The API, or the way to it, answered with an error.

    Attributes:
        status: the HTTP status, or None if no answer came.
        request_id: the `request-id` of the answer, if it had one.
        retry_after: seconds the API asks to wait, or None if it did not say.
        unsure: whether what was asked for may have been done all the same. Told by calls that must
            not be repeated blindly; the others leave it False.
        foreign: whether the answer has not the shape of the API's own errors: something before the
            API gave it, or something that is no API at all.
    """

    def __init__(
        self,
        what: str,
        *,
        kept: str = "",
        todo: str = "",
        status: int | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        foreign: bool = False,
    ) -> None:
        super().__init__(what, kept=kept, todo=todo)
        self.status = status
        self.request_id = request_id
        self.retry_after = retry_after
        self.foreign = foreign
        self.unsure = False


class UnauthorizedError(ApiError, CredentialsError):
    """401 or 403: the key is wrong, revoked, or lacks a permission."""

    exit_code = 4


class NotFoundError(ApiError):
    """404: no such message batch, or no results (yet, or any more)."""


class RefusedError(ApiError):
    """The API understood and said no (400, 402, 409, 413, 422): asking again will not help."""


class UnsupportedError(ApiError):
    """405 or 501 as the API would not say it: this server does not have the operation."""


class SpendLimitError(ApiError):
    """A spend limit was reached: nothing will be answered until it is raised or renewed."""


class RateLimitedError(ApiError):
    """429: too many calls."""

    transient = True


class ServerFaultError(ApiError):
    """5xx: the API or something before it failed or is overloaded."""

    transient = True


class UnreachableError(ApiError):
    """No answer came: no network, no such host, connection refused, cut, or timed out."""

    transient = True


class BadReplyError(ApiError):
    """An answer came that makes no sense (HTML, broken JSON, an object without its fields)."""

    transient = True
