"""`python -m benchmarks [--quick] [--strict] [NAME ...]`: measure, and print one table."""

from __future__ import annotations

import argparse
import sys
import time

from benchmarks import (
    answers,
    checking,
    early_keys,
    exporting,
    first_paint,
    home,
    insight,
    listing,
    memory,
    results,
    retrying,
    searching,
    status,
    submitting,
    watching,
)
from benchmarks.stage import FULL, QUICK
from benchmarks.table import Row, lines

BENCHMARKS = {
    "first_paint": first_paint.run,
    "early_keys": early_keys.run,
    "home": home.run,
    "listing": listing.run,
    "insight": insight.run,
    "memory": memory.run,
    "results": results.run,
    "answers": answers.run,
    "searching": searching.run,
    "exporting": exporting.run,
    "checking": checking.run,
    "retrying": retrying.run,
    "submitting": submitting.run,
    "status": status.run,
    "watching": watching.run,
}


def main() -> int:
    """Run what was asked for; 1 if a goal was missed and that matters."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="a smoke run: fewer, smaller")
    parser.add_argument("--strict", action="store_true", help="fail if a goal is missed")
    options = parser.parse_args()
    if unknown := set(options.names) - set(BENCHMARKS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    size = QUICK if options.quick else FULL
    started = time.perf_counter()
    rows: list[Row] = []
    try:
        for name, run in BENCHMARKS.items():
            if name in options.names or not options.names:
                print(f"{name} …", file=sys.stderr, flush=True)
                rows += run(size)
    finally:  # what was measured so far took minutes
        print(*lines(rows), sep="\n")
    print(f"{time.perf_counter() - started:.0f} s in all", file=sys.stderr)
    missed = any(row.met is False for row in rows)
    return int(missed and options.strict)


if __name__ == "__main__":
    sys.exit(main())
