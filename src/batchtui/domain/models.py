"""The models of the Messages API as far as they are known, and how much each may write."""

from __future__ import annotations

from types import MappingProxyType

_LONG = 128_000
_MEDIUM = 64_000

MOST_OUTPUT_TOKENS = MappingProxyType(
    {
        "claude-fable-5-2": _LONG,
        "claude-mythos-5-2": _LONG,
        "claude-fable-5-1": _LONG,
        "claude-mythos-5-1": _LONG,
        "claude-fable-5": _LONG,
        "claude-mythos-5": _LONG,
        "claude-mythos-preview": _LONG,
        "claude-opus-5-5": _LONG,
        "claude-opus-5": _LONG,
        "claude-opus-4-8": _LONG,
        "claude-opus-4-7": _LONG,
        "claude-opus-4-6": _LONG,
        "claude-opus-4-5": _MEDIUM,
        "claude-opus-4-5-20251101": _MEDIUM,
        "claude-sonnet-5-5": _LONG,
        "claude-sonnet-5": _LONG,
        "claude-sonnet-4-6": _LONG,
        "claude-sonnet-4-5": _MEDIUM,
        "claude-sonnet-4-5-20250929": _MEDIUM,
        "claude-haiku-5-5": _LONG,
        "claude-haiku-4-5": _MEDIUM,
        "claude-haiku-4-5-20251001": _MEDIUM,
    }
)
"""The greatest `max_tokens` of each known model, without any beta."""
