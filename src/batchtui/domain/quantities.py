"""Sizes as people type them: 5GB, 300 MB, 1.5 kB; and the units of their times."""

from __future__ import annotations

import re

_SIZE = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*([kmgt]?)b?", re.IGNORECASE | re.ASCII)
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
"""How many a unit of time has."""

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}


def parse_size(text: str) -> int:
    """The bytes that are meant by a number and kB, MB, GB or TB.

    Raises:
        ValueError: if it is no size.
    """
    found = _SIZE.fullmatch(text.strip())
    if not found:
        raise ValueError("Expected a size such as 500MB or 5GB")
    return int(float(found[1]) * _UNITS[found[2].lower()])
