"""`python -m benchmarks.sending WAY FILE`: makes a batch of a request file; prints what it took.

WAY is `submit` (an account sends a job that was checked), `whole` (the same with the check),
`sdk` (the SDK's create with a list of requests) or `least` (the bytes put together beforehand and
written to a socket). Prints the seconds, and the megabytes at the peak above what was there before.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import anthropic

from batchtui.account.opening import open_account
from batchtui.account.reconciling import Decision, Doubt, Leave
from batchtui.account.starting import start_job
from batchtui.account.submitting import submit
from batchtui.settings.credentials import identify
from batchtui.settings.directory import locate
from batchtui.settings.schema import Settings
from batchtui.submissions.check import check
from benchmarks.process import forget_peak, peak_megabytes, resident_megabytes


class Meter:
    """Time and memory from now on."""

    def __init__(self) -> None:
        forget_peak(os.getpid())
        self._base = resident_megabytes(os.getpid())
        self._started = time.perf_counter()

    def tell(self) -> None:
        """Print both."""
        seconds = time.perf_counter() - self._started
        print(seconds, max(0.0, peak_megabytes(os.getpid()) - self._base))


async def _submit(path: Path, *, whole: bool) -> None:
    account = open_account(
        directory=locate(os.environ, None),
        settings=Settings(),
        identity=identify(os.environ),
        offline=False,
        clock=lambda: datetime.now(UTC),
    ).account
    await account.api.list(limit=1)  # connects
    meter = Meter() if whole else None
    job = start_job(account, await asyncio.to_thread(check, path))
    meter = meter or Meter()

    async def decide(doubt: Doubt) -> Decision:
        return Leave()

    job = await submit(account, job.key, on_step=lambda step: None, decide=decide)
    meter.tell()
    assert len(job.batch_ids) == 1
    await account.close()


def sdk(path: Path) -> None:
    """As the SDK's documentation shows."""
    with anthropic.Anthropic(max_retries=0) as client:
        client.messages.batches.list(limit=1)
        meter = Meter()
        with path.open("rb") as file:
            client.messages.batches.create(requests=[json.loads(line) for line in file])
        meter.tell()


def least(path: Path) -> None:
    """What the server and the way to it take."""
    body = b'{"requests":[%s]}' % path.read_bytes().rstrip().replace(b"\n", b",")
    parts = urlsplit(os.environ["ANTHROPIC_BASE_URL"])
    connection = HTTPConnection(parts.hostname or "", parts.port or 0)
    connection.connect()
    meter = Meter()
    headers = {
        "authorization": f"Bearer {os.environ['ANTHROPIC_API_KEY']}",
        "anthropic-version": "2023-06-01",
        "content-type": "application/json",
    }
    connection.request("POST", "/v1/messages/batches", body, headers)
    reply = connection.getresponse()
    reply.read()
    meter.tell()
    assert reply.status == 200


WAYS: dict[str, Callable[[Path], None]] = {
    "submit": lambda path: asyncio.run(_submit(path, whole=False)),
    "whole": lambda path: asyncio.run(_submit(path, whole=True)),
    "sdk": sdk,
    "least": least,
}


def main() -> None:
    """Read the arguments and measure."""
    way, path = sys.argv[1:]
    WAYS[way](Path(path))


if __name__ == "__main__":
    main()
