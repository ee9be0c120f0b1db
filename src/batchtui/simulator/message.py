"""A `message` object of the API around what a model wrote."""

import json
from contextlib import suppress
from datetime import UTC, datetime

import msgspec

from batchtui.simulator.blocks import Exhibit

_CONTAINER_EXPIRES = datetime(2026, 12, 31, tzinfo=UTC).isoformat(timespec="microseconds")


def encode(value: object, *, escape: bool = False) -> bytes:
    r"""JSON without spaces. Only what JSON cannot carry raw is escaped, or all that is not ASCII.

    A lone surrogate has no UTF-8 form, so it always travels as its `\ud800` escape.
    """
    if not escape:
        with suppress(UnicodeEncodeError):
            return msgspec.json.encode(value)
    text = json.dumps(value, ensure_ascii=escape, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")


def tokens_of(text: str) -> int:
    """A rough count of tokens: four characters each."""
    return len(text) // 4 + 1


def usage_of(exhibit: Exhibit) -> dict[str, object]:
    """The usage block; what the exhibit does not name is derived from its text."""
    written = exhibit.usage.get("output_tokens")
    if written is None:
        blocks = (json.dumps(block, ensure_ascii=False) for block in exhibit.content)
        written = sum(map(tokens_of, blocks)) + 4
    return {
        "input_tokens": 380,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": written,
        "output_tokens_details": None,
        "server_tool_use": None,
        "service_tier": "batch",
        "inference_geo": "global",
        "speed": "standard",
        **exhibit.usage,
    }


def message_of(exhibit: Exhibit, *, model: str, message_id: str) -> dict[str, object]:
    """The whole message object."""
    container = {"id": "container_011SimBox", "expires_at": _CONTAINER_EXPIRES, "skills": None}
    return {
        "model": model,
        "id": message_id,
        "type": "message",
        "role": "assistant",
        "content": exhibit.content,
        "container": container if exhibit.container else None,
        "stop_reason": exhibit.stop_reason,
        "stop_sequence": exhibit.stop_sequence,
        "stop_details": exhibit.stop_details,
        "usage": usage_of(exhibit),
        "diagnostics": None,
    }
