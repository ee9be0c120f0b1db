"""Writes results to stdout or to a file, with progress and what came of it on stderr."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from batchtui.cli import diagnostics
from batchtui.cli.choosing import Choice, choose
from batchtui.cli.output import Output
from batchtui.domain.errors import UsageError
from batchtui.domain.pricing import PriceTable
from batchtui.domain.text import count, counted, safe_line, size
from batchtui.results.export.exporting import Exported, Format, export, open_target
from batchtui.results.export.pieces import Piece
from batchtui.results.export.targets import NewDirectory, NewFile, TakenError
from batchtui.results.reader import ResultFile

_PROGRESS_EVERY = 0.1
"""Seconds."""


class Wish(msgspec.Struct, frozen=True):
    """How the lines are wanted.

    Attributes:
        output: where to; None for stdout.
        force: whether it may replace a file.
    """

    format: Format
    output: Path | None
    force: bool


def check_stdout(format_: Format, out: Output) -> None:
    """Refuse what cannot go to stdout.

    Raises:
        UsageError: if the format needs a name on the disk, or no person could read it.
    """
    if format_ is Format.TEXT:
        raise UsageError(
            "Text is a file for each custom_id", todo="Name a new directory with --output"
        )
    if format_ is Format.PARQUET and out.is_terminal:
        raise UsageError("Parquet is nothing for a terminal", todo="Name a file with --output")


def write(file: ResultFile, choice: Choice, wish: Wish, prices: PriceTable, out: Output) -> None:
    """Write the lines chosen as wished.

    Raises:
        BatchtuiError: if they cannot be read or written.
    """
    if wish.output is None:
        sink = _Stdout(out, is_json=wish.format is Format.JSONL)
        _export(file, _chosen(file, choice), wish.format, sink, prices)
        return
    # The target first: that it cannot be had need not wait for a search.
    with _target(wish.output, wish) as target:
        done = _export(file, _chosen(file, choice), wish.format, target, prices)
        target.publish()
    where = safe_line(str(wish.output), 500)
    verb = "is" if done.lines == 1 else "are"
    diagnostics.say(f"{counted(done.lines, 'result')}, {size(done.bytes)}, {verb} in {where}")


def _chosen(file: ResultFile, choice: Choice) -> Sequence[int]:
    numbers = choose(file, choice)
    if not numbers:
        diagnostics.say("No results fit." if len(file) else "The batch has no results.")
    return numbers


def _target(path: Path, wish: Wish) -> NewFile | NewDirectory:
    try:
        return open_target(path, wish.format, replace=wish.force)
    except TakenError as error:
        error.todo = "Add --force to replace it"
        raise


class _Stdout:
    """Takes what is exported to stdout."""

    def __init__(self, out: Output, *, is_json: bool) -> None:
        self._out = out
        self._is_json = is_json

    @property
    def is_closed(self) -> bool:
        return self._out.is_closed

    def write(self, piece: Piece) -> None:
        self._out.foreign(piece.data, is_json=self._is_json)


def _export(
    file: ResultFile,
    numbers: Sequence[int],
    format_: Format,
    sink: _Stdout | NewFile | NewDirectory,
    prices: PriceTable,
) -> Exported:
    done, due = Exported(), time.monotonic() + _PROGRESS_EVERY
    # Off a terminal it shows nothing; on one, what is shown there needs no progress.
    with diagnostics.Progress() as line:
        for done in export(file, numbers, format_, sink, prices=prices):
            if isinstance(sink, _Stdout):
                if sink.is_closed:
                    break
            elif time.monotonic() >= due:
                due = time.monotonic() + _PROGRESS_EVERY
                line.show(f"{count(done.lines)} of {count(len(numbers))} written …")
    return done
