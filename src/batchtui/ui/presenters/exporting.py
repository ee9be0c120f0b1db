"""What the dialog of an export says: what can be exported, how far it is, and what came of it."""

from __future__ import annotations

from pathlib import Path

import msgspec
from textual.content import Content

from batchtui.domain.text import count, percent, safe_line, size
from batchtui.results.export.exporting import Exported, Format
from batchtui.ui.presenters.state import LOUD, QUIET
from batchtui.ui.taking import file_name

FORMATS = (Format.JSONL, Format.CSV, Format.MARKDOWN, Format.PARQUET, Format.TEXT)


class Part(msgspec.Struct, frozen=True):
    """Lines that can be exported.

    Attributes:
        word: what they are: all, listed, marked.
        lines: how many there are.
    """

    word: str
    lines: int

    @property
    def words(self) -> str:
        """What to call them."""
        return f"{self.word} {count(self.lines)}"


def explained(format: Format) -> str:  # noqa: A002
    """What is written in a format."""
    return {
        Format.JSONL: "the API's lines as they are",
        Format.CSV: "a row for each line, safe to open in a spreadsheet",
        Format.MARKDOWN: "a chapter for each line, to be read",
        Format.PARQUET: "a table for data frames",
        Format.TEXT: "a directory with the answer to each custom_id in a file",
    }[format]


def default_path(name: str, part: Part, format: Format) -> str:  # noqa: A002
    """A name for the export in the current directory."""
    stem = f"{name}-{part.word}" if part.word != "all" else name
    return file_name(stem, 0, format.suffix)


def progress_words(done: Exported, lines: int) -> Content:
    """How far it is."""
    share = percent(done.lines, lines) or "0%"
    words = f"{share} · {count(done.lines)} of {count(lines)} lines · {size(done.bytes)}"
    return Content.assemble((words, "bold"), ("  esc cancels", QUIET))


def done_words(done: Exported, path: Path) -> str:
    """What came of it, as a sentence."""
    lines = f"{count(done.lines)} {'line' if done.lines == 1 else 'lines'}"
    return f"{lines} ({size(done.bytes)}) were exported to {safe_line(str(path), 300)}."


def replace_words() -> Content:
    """What to do about a name that is taken."""
    return Content.assemble(
        ("There is a file of that name. ", LOUD), ("Enter again replaces it.", QUIET)
    )
