"""What the simulated API answers when it refuses."""

from collections.abc import Mapping


class WireError(Exception):
    """A refusal, as it goes over the wire; it reaches a client, never a person.

    `kind` is `error.type`, `code` is `error.details.error_code`.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        message: str,
        *,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.message = message
        self.code = code
        self.headers = dict(headers or {})

    def body(self, request_id: str) -> dict[str, object]:
        """The error object of the API."""
        error: dict[str, object] = {"type": self.kind, "message": self.message}
        if self.code is not None:
            error["details"] = {"error_code": self.code}
        return {"type": "error", "error": error, "request_id": request_id}


def invalid(message: str) -> WireError:
    """400 invalid_request_error."""
    return WireError(400, "invalid_request_error", message)


def queue_full(retry_after: float | None) -> WireError:
    """429 for requests beyond those that may wait to be processed; its words are a guess."""
    return WireError(
        429,
        "rate_limit_error",
        "This request would exceed the number of batch requests your organization may have in the "
        "processing queue. Wait until some of them have been processed, then try again.",
        headers=None if retry_after is None else {"retry-after": f"{retry_after:g}"},
    )


def batch_not_found(batch_id: str) -> WireError:
    """404 for a batch this workspace does not have."""
    return _absent(f"Message Batch {batch_id} not found.")


def no_results(batch_id: str) -> WireError:
    """404 for results that do not exist yet, or no longer."""
    return _absent(f"Message Batch {batch_id} has no available results.")


def _absent(message: str) -> WireError:
    return WireError(404, "not_found_error", message, headers={"x-should-retry": "false"})
