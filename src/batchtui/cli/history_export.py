"""Writes the history of an account as JSON lines, to stdout or to a file that appears whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from batchtui.account.opening import Kept
from batchtui.cli import diagnostics
from batchtui.cli.json_lines import job_line, json_line
from batchtui.cli.output import stdout
from batchtui.cli.selection import Selection, select
from batchtui.cli.start import now
from batchtui.domain.text import counted, safe_line
from batchtui.results.export.pieces import Piece
from batchtui.results.export.targets import NewFile, TakenError


class _Tally(msgspec.Struct):
    batches: int = 0
    jobs: int = 0
    unsent: int = 0
    unreadable: int = 0


def write_history(kept: Kept, *, output: Path | None, force: bool, since: timedelta | None) -> int:
    """Write it; what was written is said on stderr.

    Args:
        kept: whose.
        output: where to; None for stdout.
        force: whether it may replace a file.
        since: only what was created no longer ago.

    Raises:
        BatchtuiError: if it cannot be read or written.
    """
    moment, tally = now(), _Tally()
    lines = _lines(kept, moment, moment - since if since else None, tally)
    if output is None:
        stdout().json(lines)
    else:
        _write(output, lines, force=force)
    where = f" are in {safe_line(str(output), 500)}" if output else ""
    jobs = f" and {counted(tally.jobs, 'job')}" if tally.jobs else ""
    diagnostics.say(f"{counted(tally.batches, 'batch', 'batches')}{jobs}{where or ' exported'}.")
    if tally.unsent:
        diagnostics.say(
            f"{counted(tally.unsent, 'job')} left out, because not all was sent: only here can"
            " that be gone on with."
        )
    if tally.unreadable:
        diagnostics.say(f"Warning: {tally.unreadable} stored batches cannot be read.")
    return diagnostics.DONE


def _lines(kept: Kept, moment: datetime, begin: datetime | None, tally: _Tally) -> Iterator[bytes]:
    names = kept.history.jobs.names()
    for page in select(kept, Selection(None)):
        tally.unreadable += kept.history.unreadable
        for record, body in page:
            if begin is None or record.batch.created_at >= begin:
                tally.batches += 1
                yield json_line(record, body, moment, job=names.get(record.id, ""))
    for job in kept.history.jobs.all():
        if begin is not None and job.created_at < begin:
            continue
        if job.unsent:
            tally.unsent += 1
        else:
            tally.jobs += 1
            yield job_line(job)


def _write(path: Path, lines: Iterator[bytes], *, force: bool) -> None:
    try:
        target = NewFile(path, replace=force)
    except TakenError as error:
        error.todo = "Add --force to replace it"
        raise
    with target:
        for line in lines:
            # What the API sent may have line breaks between its tokens.
            target.write(Piece(1, line.translate(None, b"\r\n") + b"\n"))
        target.publish()
