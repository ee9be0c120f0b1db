"""The secrets of this process, taken out of whatever is said. They are kept in memory alone."""

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
# Keys, JSON web tokens, and whatever stands where a credential does.
_SECRET = re.compile(r"sk-ant-[\w-]+|\beyJ[\w.-]{20,}|(?<=Bearer )\S+")

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
            text = text.replace(secret, "[key]")
    return _SECRET.sub("[key]", text)
