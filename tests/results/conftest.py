from __future__ import annotations

import json
from pathlib import Path

import pytest

from batchtui.domain.batch import RequestCounts

MESSAGE = {
    "model": "claude-x",
    "content": [{"type": "text", "text": "Grüße"}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 10, "cache_read_input_tokens": 5, "output_tokens": 3},
}
ERROR = {"type": "error", "error": {"type": "invalid_request_error", "message": "x: 7 > 5"}}
LINES = [
    {"custom_id": "a", "result": {"type": "succeeded", "message": MESSAGE}},
    {"custom_id": "b", "result": {"type": "errored", "error": ERROR}},
    {"custom_id": "c", "result": {"type": "canceled"}},
    {"custom_id": "d", "result": {"type": "expired"}},
    {
        "custom_id": "e",
        "result": {"type": "succeeded", "message": MESSAGE | {"stop_reason": "max_tokens"}},
    },
]


@pytest.fixture(scope="session")
def lines() -> list[bytes]:
    """Five result lines, one or two of each type."""
    return [json.dumps(line, ensure_ascii=False).encode() for line in LINES]


@pytest.fixture(scope="session")
def counts() -> RequestCounts:
    """What the API says of a batch with these lines."""
    return RequestCounts(succeeded=2, errored=1, canceled=1, expired=1)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where a result file is to appear; the directory is not there yet."""
    return tmp_path / "results" / "msgbatch_1.jsonl"
