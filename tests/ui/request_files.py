"""Request files written by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

MODEL = "claude-haiku-5-5"


def request(custom_id: str, **params: Any) -> dict[str, Any]:
    """A request that is right, but for what is given; None takes a parameter away."""
    message = {"role": "user", "content": f"Translate ticket {custom_id} into French."}
    whole = {"model": MODEL, "max_tokens": 1024, "messages": [message]} | params
    return {
        "custom_id": custom_id,
        "params": {name: value for name, value in whole.items() if value is not None},
    }


def write_requests(path: Path, number: int, **params: Any) -> Path:
    """A file of so many good requests, named ticket-00001 and so on."""
    return write_lines(
        path, [request(f"ticket-{each:05}", **params) for each in range(1, number + 1)]
    )


def write_lines(path: Path, lines: list[dict[str, Any]]) -> Path:
    """A file of these lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path
