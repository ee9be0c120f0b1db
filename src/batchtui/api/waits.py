"""How long a server asks to wait, read from the headers of its answer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from email.utils import mktime_tz, parsedate_tz

LONGEST_WAIT = 366 * 86400.0
"""Seconds; whatever asks for more is cut to it."""


def retry_after(headers: Mapping[str, str], *, now: float) -> float | None:
    """Seconds to wait, by `retry-after-ms`, else by `retry-after` in seconds or as a date.

    Args:
        headers: response headers, by lower-case name.
        now: Unix time in seconds, for dates.

    Returns:
        At least 0 and at most `LONGEST_WAIT`, or None if nothing readable was said.
    """
    seconds = _number(headers.get("retry-after-ms"), scale=0.001)
    if seconds is None:
        seconds = _number(headers.get("retry-after"))
    if seconds is None:
        seconds = _until(headers.get("retry-after"), now)
    return None if seconds is None else min(max(seconds, 0.0), LONGEST_WAIT)


def _number(text: str | None, scale: float = 1.0) -> float | None:
    try:
        value = float(text or "") * scale
    except ValueError:
        return None
    return None if math.isnan(value) else value


def _until(text: str | None, now: float) -> float | None:
    try:
        moment = parsedate_tz(text or "")
        return None if moment is None else mktime_tz(moment) - now
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
