"""What a request was authorized with, to be taken out of what came back: a server may quote it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_SECRET_HEADER = re.compile(r"auth|key|token|secret|cookie", re.IGNORECASE)

_LEAST = 16
"""Characters; whoever has a key as short as a word of the API would have that taken out, too."""


def secrets_of(headers: Mapping[str, str]) -> Iterator[str]:
    """What must not be passed on of the headers of a request, whole and in pieces."""
    for name, value in headers.items():
        if _SECRET_HEADER.search(name):
            yield value
            yield from value.split()


def without_secrets(content: bytes, headers: Mapping[str, str]) -> bytes:
    """The body of an answer to a request with these headers; it is kept as it is received."""
    for secret in secrets_of(headers):
        if len(secret) >= _LEAST:
            content = content.replace(secret.encode(), b"[key]")
    return content
