"""Looks at a request file before it costs anything: what the API would refuse, what it becomes.

One pass over the file, a piece at a time; a second one only to name ids that are there twice.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from batchtui.domain.errors import RequestFileError
from batchtui.domain.text import safe_line
from batchtui.submissions.checked import Checked, Limits, OnProgress, Progress
from batchtui.submissions.cutting import Digester
from batchtui.submissions.lines import BOM, first_offset, opened, pieces
from batchtui.submissions.look import Look

USUAL = Limits()

_PIECES_PER_STEP = 64


def _ignore(_: Progress) -> None:
    return


def check(path: Path, limits: Limits = USUAL, *, on_progress: OnProgress = _ignore) -> Checked:
    """Look at all of a request file; for a thread, as it takes its time.

    Args:
        path: where it is; a real file, not a pipe.
        limits: how large one batch may become.
        on_progress: called every few milliseconds; what it raises goes through.

    Raises:
        RequestFileError: if it cannot be read, or was written to meanwhile.
    """
    path = path.absolute()
    with opened(path) as fd:
        before = os.fstat(fd)
        look = Look(limits)

        def tell(done: int, *, again: bool = False) -> None:
            on_progress(
                Progress(done, before.st_size, look.requests, look.problems.lines, again=again)
            )

        digest, end = _read(fd, look, tell)
        look.duplicates.name(fd, look.problems, lambda done: tell(done, again=True))
        after = os.fstat(fd)
    if (after.st_size, after.st_mtime_ns) != (end, before.st_mtime_ns):
        raise RequestFileError(
            f"{safe_line(path.name, 60)} was written to while it was read",
            todo="Try again when it is complete",
        )
    look.finish()
    return Checked(
        path=path,
        size=end,
        mtime_ns=after.st_mtime_ns,
        digest=digest,
        requests=look.requests,
        blank_lines=look.blank_lines,
        shapes=look.shapes,
        models=look.tally.models,
        problems=look.problems.groups(warnings=False),
        warnings=look.problems.groups(warnings=True),
        parts=look.cutter.parts(),
        estimate=look.tally.estimate(),
    )


def _read(fd: int, look: Look, tell: Callable[[int], object]) -> tuple[bytes, int]:
    """Have all of a file seen; returns its digest and where it ended."""
    end = first_offset(fd)
    with Digester(look.cutter) as digester:
        digester.take(BOM[:end])
        for count, piece in enumerate(pieces(fd, end)):
            look.take(piece)
            digester.take(piece.data)
            end = piece.start + len(piece.data)
            if count % _PIECES_PER_STEP == 0:
                tell(end)
        return digester.finish(), end
