"""One line of a request file: a request of a message batch, as its owner wrote it.

Everything in a line is foreign. Lines whose request stands under `body`, as other batch APIs have
it, are understood too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import msgspec

from batchtui.domain.json_values import object_of

MOST_REQUESTS = 100_000
"""Requests that one batch may have."""

MOST_BYTES = 256_000_000
"""Bytes that the body of one create request may have."""


class Problem(msgspec.Struct, frozen=True):
    """Something about a request that the API would not take.

    Attributes:
        field: where in the line, as in `params.max_tokens`; "" for the line as a whole.
        message: what is wrong with that field, to be read after its name; free of foreign text
            that could be long or dangerous.
        is_warning: whether it may turn out well all the same.
    """

    field: str
    message: str
    is_warning: bool = False


class RequestLine(msgspec.Struct, frozen=True):
    """A request.

    Attributes:
        params: what the Messages API is to be called with; empty if the line does not say.
    """

    custom_id: str
    params: Mapping[str, object]


def decode_request(line: bytes) -> RequestLine | None:
    """Read a line, with or without its line break; None if it is no request."""
    try:
        value = _load(line)
    except (ValueError, RecursionError):
        return None
    fields = object_of(value)
    custom_id = fields.get("custom_id")
    if not isinstance(custom_id, str):
        return None
    return RequestLine(custom_id, object_of(fields.get("params")) or object_of(fields.get("body")))


def _load(line: bytes) -> object:
    try:
        return msgspec.json.decode(line)
    except ValueError:
        # A byte order mark, bytes that are no UTF-8, and lone surrogates.
        return json.loads(line.decode("utf-8-sig", "replace"))
