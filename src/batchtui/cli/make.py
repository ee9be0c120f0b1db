"""`batchtui make`: makes a request file of a prompt and the rows of a table."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

import click
import msgspec

from batchtui.cli import diagnostics
from batchtui.cli.checking import tell_file
from batchtui.cli.options import examples
from batchtui.cli.output import stdout
from batchtui.domain.errors import StorageError, UsageError
from batchtui.domain.text import count, counted, safe_line, size
from batchtui.results.export.pieces import Piece, Sink
from batchtui.results.export.targets import NewFile, TakenError
from batchtui.settings.directory import with_home
from batchtui.submissions.making import Maker, Recipe
from batchtui.submissions.settings import read_settings
from batchtui.submissions.table import LONGEST_VALUE, read_table
from batchtui.submissions.template import Template

_STDIO = Path("-")
_BLOCK = 256 * 1024
_PROGRESS_EVERY = 0.1
"""Seconds."""

_OF_OPTIONS: Final = {"model": "--model", "max_tokens": "--max-tokens", "messages": "--prompt"}


@click.command(
    "make",
    epilog=examples(
        "batchtui make --prompt 'Translate to {lang}: {text}' \\",
        "    --model claude-haiku-4-5 --max-tokens 512 tickets.csv > requests.jsonl",
        "batchtui make --prompt @prompt.txt --id-column id --set temperature=0 \\",
        "    --model claude-haiku-4-5 --max-tokens 512 rows.csv --output all.jsonl",
    ),
)
@click.option(
    "--prompt", metavar="TEXT|@FILE", required=True, help="What to ask, with {column} in it."
)
@click.option("--model", metavar="NAME", required=True, help="The model to ask.")
@click.option(
    "--max-tokens",
    type=click.IntRange(min=1),
    metavar="N",
    required=True,
    help="The longest answer, in tokens.",
)
@click.option("--system", metavar="TEXT|@FILE", help="System prompt, with {column} in it, too.")
@click.option("--id-column", metavar="NAME", help="The column to take the custom_ids from.")
@click.option(
    "--set", "settings", metavar="NAME=JSON", multiple=True, help="A further param of all requests."
)
@click.option("--allow-empty", is_flag=True, help="Leave a place empty that has no value.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write to this file instead of stdout.",
)
@click.option("--force", is_flag=True, help="Replace the file if it is there already.")
@click.argument("data", metavar="DATA", type=click.Path(path_type=Path))
def command(
    prompt: str,
    model: str,
    max_tokens: int,
    system: str | None,
    id_column: str | None,
    settings: tuple[str, ...],
    allow_empty: bool,
    output: Path | None,
    force: bool,
    data: Path,
) -> int:
    """Make a request file that asks the same of every row of a table.

    DATA is a CSV with the names of its columns in the first line (commas, semicolons or tabs
    between them), or has a JSON object a line; "-" is stdin. It may be of any size.

    {column} in the prompt stands for the value of that column; {{ and }} are braces. A prompt that
    begins with "@" is the file it stands in.

    The custom_ids are row-1, row-2 ..., or come from --id-column: what a custom_id cannot have in
    it becomes "_".

    If anything is wrong with any row, the rows are named and nothing is written.
    """
    if force and output in (None, _STDIO):
        raise UsageError("--force is for --output")
    recipe = Recipe(
        prompt=_template(prompt),
        model=model,
        max_tokens=max_tokens,
        system=None if system is None else _template(system),
        id_column=id_column,
        settings=_settings(settings, has_system=system is not None),
        allow_empty=allow_empty,
    )
    maker = Maker(recipe)
    with _opened(data) as stream:
        if output is None or output == _STDIO:
            _to_stdout(maker, stream, data)
        else:
            _to_file(maker, stream, data, output, replace=force)
    return diagnostics.DONE


def _template(text: str) -> Template:
    if not text.startswith("@"):
        return Template.parse(text)
    path = with_home(text[1:])
    shown = safe_line(str(path), 500)
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST_VALUE + 1)
        if len(content) > LONGEST_VALUE:
            raise UsageError(f"The template {shown} is longer than {size(LONGEST_VALUE)}")
        # The line break that editors put at the end of a file is no part of what it says.
        words = content.decode("utf-8-sig").replace("\r\n", "\n")
        return Template.parse(words.removesuffix("\n"))
    except UnicodeDecodeError:
        raise UsageError(f"The template {shown} is not UTF-8") from None
    except (OSError, ValueError) as error:
        raise StorageError(f"The template {shown} cannot be read: {_reason(error)}") from None


def _settings(texts: tuple[str, ...], *, has_system: bool) -> dict[str, msgspec.Raw]:
    settings = read_settings(texts)
    taken = _OF_OPTIONS | ({"system": "--system"} if has_system else {})
    for name in settings:
        if name in taken:
            raise UsageError(f"{name} is set by {taken[name]} already")
    return settings


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    if path == _STDIO:
        if sys.stdin is None or sys.stdin.isatty():
            raise UsageError("There is no data on stdin", todo="Name a file, or use a pipe")
        yield sys.stdin.buffer
        return
    try:
        with path.open("rb") as stream:
            yield stream
    except OSError as error:
        shown = safe_line(str(path), 500)
        raise StorageError(f"The data {shown} cannot be read: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or "no file has that name"


def _to_file(maker: Maker, stream: BinaryIO, data: Path, output: Path, *, replace: bool) -> None:
    try:
        with NewFile(output, replace=replace) as target:
            written = _make(maker, stream, data, target)
            target.publish()
    except TakenError as error:
        error.todo = "Add --force to replace it"
        raise
    _tell_ids(maker)
    tell_file(output, maker.requests, written)


class _Spool:
    """Keeps what is made until it is known that all of it is good."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, piece: Piece) -> None:
        try:
            self._file.write(piece.data)
        except OSError as error:
            raise StorageError(f"No room for the requests: {error.strerror}") from None


def _to_stdout(maker: Maker, stream: BinaryIO, data: Path) -> None:
    out = stdout()
    with tempfile.TemporaryFile() as file:
        written = _make(maker, stream, data, _Spool(file))
        file.seek(0)
        while (block := file.read(_BLOCK)) and not out.is_closed:
            out.foreign(block, is_json=True)
    _tell_ids(maker)
    diagnostics.say(
        f"{counted(maker.requests, 'request')}, {size(written)}. Next: `batchtui check`, with"
        " the file they are in."
    )


def _make(maker: Maker, stream: BinaryIO, data: Path, sink: Sink) -> int:
    """Write all requests; returns how many bytes they are.

    Raises:
        UsageError: if anything is wrong with the data.
    """
    table = read_table(stream, os.fspath(data))
    maker.recipe.require(table.columns)
    written, pending, due = 0, bytearray(), time.monotonic() + _PROGRESS_EVERY
    with diagnostics.Progress() as line:
        for request in maker.lines(table.rows):
            pending += request
            if len(pending) < _BLOCK:
                continue
            sink.write(Piece(0, bytes(pending)))
            written += len(pending)
            pending.clear()
            if time.monotonic() >= due:
                due = time.monotonic() + _PROGRESS_EVERY
                line.show(f"{count(maker.requests)} requests, {size(written)} …")
    maker.check()
    sink.write(Piece(0, bytes(pending)))
    return written + len(pending)


def _tell_ids(maker: Maker) -> None:
    if maker.changed_ids:
        was, became = maker.changed_id
        diagnostics.say(
            f"{counted(maker.changed_ids, 'id')} had to be made to fit, such as"
            f' "{safe_line(was, 60)}", which became "{became}".'
        )
