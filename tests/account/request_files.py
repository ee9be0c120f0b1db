"""Request files, and jobs that send them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import msgspec

from batchtui.account.account import Account
from batchtui.domain.job import Job, Part, Round
from batchtui.simulator.server import RunningServer


def line(number: int, words: str = "Hello") -> bytes:
    """A request as it stands in a file."""
    message = {"role": "user", "content": words}
    params = {"model": "claude-haiku-4-5", "max_tokens": 16, "messages": [message]}
    return json.dumps({"custom_id": f"r{number}", "params": params}).encode() + b"\n"


def write(path: Path, requests: int, words: str = "Hello") -> Path:
    """A file of so many requests."""
    path.write_bytes(b"".join(line(number, words) for number in range(1, requests + 1)))
    return path


def parts_of(path: Path, sizes: Sequence[int]) -> tuple[Part, ...]:
    """The parts of a file, of so many requests each; all of them verbatim."""
    lines = path.read_bytes().splitlines(keepends=True)
    parts: list[Part] = []
    start = first = 0
    for number, requests in enumerate(sizes, 1):
        content = b"".join(lines[first : first + requests])
        parts.append(
            Part(
                number=number,
                round=0,
                start=start,
                stop=start + len(content),
                first_line=first + 1,
                requests=requests,
                size=len(b'{"requests":[]}') + len(content.removesuffix(b"\n")),
                digest=hashlib.blake2b(content, digest_size=16).digest(),
            )
        )
        start += len(content)
        first += requests
    return tuple(parts)


def add_job(account: Account, path: Path, sizes: Sequence[int], name: str = "mine") -> Job:
    """A job that sends a file in parts of so many requests."""
    digest = hashlib.blake2b(path.read_bytes(), digest_size=16).digest()
    now = account.clock()
    first = Round(0, str(path), path.stat().st_size, digest, sum(sizes), now)
    return account.history.jobs.add(name, first, parts_of(path, sizes), at=now)


def sent(server: RunningServer, batch_id: str) -> list[str]:
    """The custom_ids of a batch that has ended, sorted."""
    lines = b"".join(server.world.results(batch_id)).splitlines()
    return sorted(msgspec.json.decode(each)["custom_id"] for each in lines)


def existing(server: RunningServer) -> list[str]:
    """The ids of all batches that were ever created, oldest first."""
    page = server.world.page(limit=1000)
    data = page["data"]
    assert isinstance(data, list)
    return [each["id"] for each in reversed(data)]
