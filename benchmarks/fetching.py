"""`python -m benchmarks.fetching WAY ID`: reads the results of a batch, prints the seconds.

WAY is `fetch` (an account fetches them), `loop` (the SDK's loop) or `least` (the SDK's bytes, and
two fields of each line).
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from datetime import UTC, datetime

import anthropic
import msgspec

from batchtui.account.opening import open_account
from batchtui.settings.credentials import identify
from batchtui.settings.directory import locate
from batchtui.settings.schema import Settings


async def fetch(batch_id: str) -> float:
    """Fetch them as the app does, into the config directory."""
    account = open_account(
        directory=locate(os.environ, None),
        settings=Settings(),
        identity=identify(os.environ),
        offline=False,
        clock=lambda: datetime.now(UTC),
    ).account
    await account.refresh(batch_id)  # connects
    started = time.perf_counter()
    await account.fetch(batch_id, on_progress=lambda progress: None)
    seconds = time.perf_counter() - started
    await account.close()
    return seconds


def loop(batch_id: str) -> float:
    """Iterate over them as the SDK's documentation shows."""
    with anthropic.Anthropic() as client:
        client.messages.batches.retrieve(batch_id)
        started = time.perf_counter()
        for _ in client.messages.batches.results(batch_id):
            pass
        return time.perf_counter() - started


class Result(msgspec.Struct):
    """What came of a request."""

    type: str


class Line(msgspec.Struct):
    """The two fields of a result line."""

    custom_id: str
    result: Result


def least(batch_id: str) -> float:
    """Read their bytes and decode two fields of each line."""
    decode = msgspec.json.Decoder(Line).decode
    with anthropic.Anthropic() as client:
        client.messages.batches.retrieve(batch_id)
        started = time.perf_counter()
        with client.messages.batches.with_streaming_response.results(batch_id) as response:
            rest = b""
            for chunk in response.iter_bytes():
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    decode(line)
        return time.perf_counter() - started


def main() -> None:
    """Read the arguments and measure."""
    way, batch_id = sys.argv[1:]
    if way == "fetch":
        print(asyncio.run(fetch(batch_id)))
    else:
        print({"loop": loop, "least": least}[way](batch_id))


if __name__ == "__main__":
    main()
