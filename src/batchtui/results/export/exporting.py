"""Lines of a result file, written somewhere in one of the formats."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from enum import StrEnum
from pathlib import Path

import msgspec

from batchtui.domain.pricing import PriceTable
from batchtui.results.export import jsonl, markdown, parquet, spreadsheet, text_files
from batchtui.results.export.pieces import Piece, Sink
from batchtui.results.export.targets import NewDirectory, NewFile
from batchtui.results.reader import ResultFile


class Format(StrEnum):
    """What results can be written as."""

    JSONL = "jsonl"
    CSV = "csv"
    MARKDOWN = "markdown"
    PARQUET = "parquet"
    TEXT = "text"

    @property
    def suffix(self) -> str:
        """How names of such files end; empty for the one that is a directory."""
        return _SUFFIXES[self]


_SUFFIXES = {
    Format.JSONL: ".jsonl",
    Format.CSV: ".csv",
    Format.MARKDOWN: ".md",
    Format.PARQUET: ".parquet",
    Format.TEXT: "",
}


class Exported(msgspec.Struct, frozen=True):
    """How far an export has come: lines done, bytes written."""

    lines: int = 0
    bytes: int = 0


def open_target(
    path: Path,
    format: Format,  # noqa: A002
    *,
    replace: bool = False,
) -> NewFile | NewDirectory:
    """The file or directory to be; use it with `with`, and `publish` it in the end.

    Args:
        path: its name.
        format: what it will hold.
        replace: whether a file (never a directory) that has the name is to be replaced.

    Raises:
        TakenError: if a file has the name, and could be replaced.
        UsageError: if the name or the format cannot be had.
        BatchtuiError: if nothing can be written there.
    """
    if format is Format.PARQUET:
        parquet.require()
    return NewDirectory(path) if format is Format.TEXT else NewFile(path, replace=replace)


def export(
    file: ResultFile,
    numbers: Iterable[int],
    format: Format,  # noqa: A002
    sink: Sink,
    *,
    prices: PriceTable | None = None,
) -> Generator[Exported, None, Exported]:
    """Write the lines with these numbers, in the order given; yields every millisecond or two.

    Whatever their number and size, no more of them than a few megabytes are in memory, or one.

    Args:
        file: the result file.
        numbers: of lines.
        format: how to write them.
        sink: what to write them to: a target, or something of the caller's own.
        prices: to say what they cost.

    Returns:
        What was written. A target has still to be published.

    Raises:
        ResultsError: if the file cannot be read, or was cut behind our back.
        UsageError: if the format needs what is not installed.
        BatchtuiError: what the sink raises.
    """
    done = Exported()
    for piece in _pieces(file, numbers, format, prices):
        sink.write(piece)
        done = Exported(done.lines + piece.lines, done.bytes + len(piece.data))
        yield done
    return done


def _pieces(
    file: ResultFile,
    numbers: Iterable[int],
    format: Format,  # noqa: A002
    prices: PriceTable | None,
) -> Iterator[Piece]:
    match format:
        case Format.JSONL:
            return jsonl.pieces(file, numbers)
        case Format.CSV:
            return spreadsheet.pieces(file, numbers, prices)
        case Format.MARKDOWN:
            return markdown.pieces(file, numbers, prices)
        case Format.PARQUET:
            return parquet.pieces(file, numbers, prices)
        case Format.TEXT:
            return text_files.pieces(file, numbers)
