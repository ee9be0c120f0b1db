"""What is secret, or looks like it, taken out of whatever is said.

The secrets of this process are kept in memory alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

SHORTEST = 8
"""Characters; to take out anything shorter would take ordinary words apart."""

_VARIABLES = (
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_IDENTITY_TOKEN",
    "ANTHROPIC_CUSTOM_HEADERS",
)
_SHOWN = "[key]"
# Compiled when first needed, which most runs never come to: keys and JSON web tokens.
_SECRET = r"(?i)sk-ant-[\w-]*|\beyJ[\w.-]{20,}|(?<=bearer )[\w.~+/=-]{16,}"
_CREDENTIAL = r"(?<=Bearer )\S+"
"""In what a server or a program said, where nobody speaks of bearers otherwise."""
_USER = r"(?<=://)[^/\s@]+(?=@)"
_PASSWORD = r"://[^/\s@:]*:[^/\s@]+@"

_learned: set[str] = set()


def learn(secret: str) -> None:
    """Have `scrub` know a secret from now on: a key that a program printed, or a variable holds."""
    _learned.update(each for each in secret.split() if len(each) >= SHORTEST)


def scrub(text: str, more: Iterable[str] = ()) -> str:
    """The text without anything that is known to be secret or looks like it.

    Args:
        text: anything that is about to be shown or written.
        more: secrets that are known to the caller only.
    """
    of_variables = (word for name in _VARIABLES for word in os.environ.get(name, "").split())
    # A secret may begin like another.
    for secret in sorted({*of_variables, *_learned, *more}, key=len, reverse=True):
        if len(secret) >= SHORTEST:
            text = text.replace(secret, _SHOWN)
    return re.sub(_CREDENTIAL, _SHOWN, re.sub(_SECRET, _SHOWN, text))


def looks_secret(text: str) -> bool:
    """Whether there is something in it that looks like a key, a token or a password."""
    return bool(re.search(_SECRET, text) or re.search(_PASSWORD, text))


def redacted(text: str) -> str:
    """The text without what looks like a key, a token, or the user and password of an address."""
    return re.sub(_USER, _SHOWN, re.sub(_SECRET, _SHOWN, text))
