"""`python -m benchmarks.writing WAY WHAT TO`: writes results to a file, prints the seconds.

WAY is `jsonl` or `csv` (an export, of the result file WHAT), `copy` (a bare copy of it) or `loop`
(the SDK's loop over the batch WHAT, with a row of the csv module for each result).
"""

from __future__ import annotations

import csv
import shutil
import sys
import time
from pathlib import Path

import anthropic
from anthropic.types.messages import MessageBatchIndividualResponse

from batchtui.results.export.exporting import Format, export, open_target
from batchtui.results.opening import open_results_now
from batchtui.settings.prices import load_prices
from batchtui.settings.schema import Settings


def exported(kind: Format, path: Path, to: Path) -> float:
    """Export all lines, with what they cost."""
    prices = load_prices(Settings())
    with open_results_now(path) as file:
        started = time.perf_counter()
        with open_target(to, kind, replace=True) as target:
            for _ in export(file, range(len(file)), kind, target, prices=prices):
                pass
            target.publish()
        return time.perf_counter() - started


def copied(path: Path, to: Path) -> float:
    """Copy the file."""
    started = time.perf_counter()
    with path.open("rb") as source, to.open("wb") as target:
        shutil.copyfileobj(source, target)
    return time.perf_counter() - started


def looped(batch_id: str, to: Path) -> float:
    """Iterate over the results and write the rows of a table."""
    with anthropic.Anthropic() as client:
        client.messages.batches.retrieve(batch_id)
        started = time.perf_counter()
        with to.open("w", newline="", encoding="utf-8") as target:
            writer = csv.writer(target)
            for line in client.messages.batches.results(batch_id):
                writer.writerow(row(line))
        return time.perf_counter() - started


def row(line: MessageBatchIndividualResponse) -> tuple[object, ...]:
    """One result: its id, what came of it, tokens, text."""
    result = line.result
    if result.type == "succeeded":
        message = result.message
        usage = message.usage
        return (
            line.custom_id,
            result.type,
            message.stop_reason,
            message.model,
            usage.input_tokens,
            usage.cache_creation_input_tokens,
            usage.cache_read_input_tokens,
            usage.output_tokens,
            "".join(block.text for block in message.content if block.type == "text"),
        )
    if result.type == "errored":
        error = result.error.error
        return (line.custom_id, result.type, error.type, error.message)
    return (line.custom_id, result.type)


def main() -> None:
    """Read the arguments and measure."""
    way, what, to = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    if way == "loop":
        print(looped(what, to))
    elif way == "copy":
        print(copied(Path(what), to))
    else:
        print(exported(Format(way), Path(what), to))


if __name__ == "__main__":
    main()
