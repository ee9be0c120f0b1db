"""`batchtui import`: takes what other programs know of batches into the history."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from batchtui.cli import diagnostics
from batchtui.cli.options import common_options, examples
from batchtui.cli.output import stdout
from batchtui.cli.start import start
from batchtui.domain.errors import StorageError, UsageError
from batchtui.domain.text import count, counted, safe_line

if TYPE_CHECKING:
    from batchtui.account.account import Account
    from batchtui.account.import_look import Looked
    from batchtui.account.importing import Imported

_MOST_FAILED = 20


@click.command(
    "import",
    epilog=examples(
        "batchtui import batches.csv  # with the columns id, label and note",
        "batchtui import history.jsonl --dry-run",
        "cut -f1 sent.log | batchtui import -",
    ),
)
@common_options
@click.option("--overwrite", is_flag=True, help="Replace labels, notes and links that are here.")
@click.option("--dry-run", is_flag=True, help="Only look at the file; ask and write nothing.")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.pass_context
def command(context: click.Context, file: Path, overwrite: bool, dry_run: bool) -> int:
    """Take in what other programs know of batches: their ids, and what you called them.

    FILE (- for stdin) holds, one a line: JSON objects with id and any of label, note, request_file
    and pinned; or message batches as the API sends them; or what `batchtui history export` or
    `list --json` prints; or a table (CSV, TSV) whose heading names such columns; or plain ids, each
    with a label behind it or not.

    The whole file is looked at first. If a line is bad, or two contradict one another, nothing is
    written and nothing asked. Ids that are not in the history are then asked of the API, unless
    --offline is given; batches that are in the file as the API sent them, and have ended, need no
    asking: that they are of this account is for you to know. Labels and notes that are here stay.

    The exit code is 1 if something could not be taken in. To import twice does no harm.
    """
    from batchtui.account.import_file import read_items
    from batchtui.account.import_look import look_through

    account = start(context).account().account
    with asyncio.Runner() as runner:
        try:
            with _opened(file) as stream:
                looked = look_through(
                    read_items(stream, file.name), account.history, overwrite=overwrite
                )
                _require_sound(looked)
                if dry_run:
                    _tell_plan(looked, offline=account.offline)
                    return diagnostics.DONE
                if not account.history.lasts:
                    raise StorageError("There is no file of the history to take anything into")
                stream.seek(0)
                imported = runner.run(_take_in(account, stream, file.name, looked, overwrite))
        finally:
            runner.run(account.close())
    return _tell(imported)


async def _take_in(
    account: Account, stream: BinaryIO, name: str, looked: Looked, overwrite: bool
) -> Imported:
    from batchtui.account.import_file import read_items
    from batchtui.account.importing import take_in
    from batchtui.cli.refreshing import tell_wait

    lines = looked.batches + looked.jobs + looked.repeated
    with diagnostics.Progress() as progress:
        return await take_in(
            account,
            read_items(stream, name),
            overwrite=overwrite,
            on_wait=tell_wait,
            on_progress=lambda done: progress.show(f"{count(done)} of {count(lines)} taken in …"),
        )


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    """The file, or what comes through a pipe, to be read twice.

    Raises:
        BatchtuiError: if it cannot be read.
    """
    from batchtui.cli.checking import as_file

    with as_file(file) as path:
        try:
            with path.open("rb") as stream:
                yield stream
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise UsageError(f"{safe_line(str(file), 300)} cannot be read: {reason}") from None


def _require_sound(looked: Looked) -> None:
    for problem in looked.problems:
        diagnostics.say(f"line {count(problem.number)}: {problem.words}")
    if looked.bad > len(looked.problems):
        diagnostics.say(f"and {count(looked.bad - len(looked.problems))} more")
    if looked.bad:
        raise UsageError(
            f"{counted(looked.bad, 'line')} of the file cannot be taken in", kept="Nothing was"
        )


def _tell_plan(looked: Looked, *, offline: bool) -> None:
    asked = "are not known here, and left out offline" if offline else "would be asked of the API"
    parts = [
        f"{_batches(looked.batches)} in the file",
        f"{count(looked.known)} known here",
        f"{count(looked.to_ask)} {asked}",
        f"{count(looked.annotated)} with a label, a note, a link or a pin",
        *([counted(looked.jobs, "job")] if looked.jobs else []),
        *([f"{counted(looked.repeated, 'line')} more of the same"] if looked.repeated else []),
    ]
    stdout().text(f"{'; '.join(parts)}.")


def _tell(imported: Imported) -> int:
    for name, error in list(imported.failed.items())[:_MOST_FAILED]:
        diagnostics.report(error, about=name)
    if len(imported.failed) > _MOST_FAILED:
        diagnostics.say(f"and {count(len(imported.failed) - _MOST_FAILED)} more")
    parts = [
        f"{_batches(imported.new)} new",
        f"{count(imported.known)} known already, {count(imported.changed)} of them changed",
        *([f"{counted(imported.jobs, 'job')} new"] if imported.jobs else []),
    ]
    stdout().text(f"{'; '.join(parts)}.")
    if imported.kept:
        kept = counted(imported.kept, "label, note or link", "labels, notes and links")
        diagnostics.say(f"Left as you had it here: {kept}; --overwrite replaces that.")
    code = diagnostics.FAILED if imported.failed else diagnostics.DONE
    if imported.stopped is not None:
        code = diagnostics.report(imported.stopped)
        diagnostics.say(f"{_batches(imported.left)} left; import the file once more to go on.")
    return code


def _batches(number: int) -> str:
    return counted(number, "batch", "batches")
