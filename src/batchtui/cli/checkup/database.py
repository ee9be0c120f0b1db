"""Judges the file of the history."""

from __future__ import annotations

from batchtui.cli.checkup.finding import Finding, fail, ok, warn
from batchtui.domain.text import counted, size
from batchtui.history.examination import Examination


def judge_history(found: Examination | None) -> Finding:
    """How the history stands; None if there is none."""
    if found is None:
        return ok("history", "There is none yet; it begins with the first look at the API")
    if found.unreadable:
        todo = "Check its permissions, and whether another program holds it"
        return fail("history", f"It cannot be read: {found.unreadable}", todo)
    if found.damage:
        return fail(
            "history",
            f"It is damaged: {found.damage}",
            "Save what can be read with `batchtui history export --output FILE`, move history.db"
            " away, and take FILE in with `batchtui import FILE`",
        )
    if found.newer:
        todo = "Update batchtui: this one would set it aside and begin anew"
        return fail("history", "A newer batchtui wrote it", todo)
    if found.foreign:
        todo = "Move history.db away: it is another program's"
        return fail("history", "The file is a database, but no history", todo)
    words = f"Sound, {counted(found.batches, 'batch', 'batches')}, {size(found.bytes)}"
    if found.journal not in ("wal", ""):
        return warn(
            "history",
            f"{words}, but the file system keeps two instances from sharing it",
            "Keep it on a local disk with --config-dir",
        )
    return ok("history", words)
