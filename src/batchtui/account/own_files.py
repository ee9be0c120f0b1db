"""Request files that nobody else keeps: what came through a pipe, and what is sent again."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from batchtui.account.account import Account
from batchtui.results import files

_FORGOTTEN = 86_400
"""Seconds after which a file that belongs to no job is left over from a crash."""


def requests_directory(account: Account) -> Path:
    """The directory for them, made if need be, and closed to everybody else.

    Raises:
        StorageError: if that is not possible.
    """
    files.make_private(account.requests)
    return account.requests


def sweep(account: Account) -> None:
    """Remove what a crash left behind, be it of whichever account: all have one directory."""
    # By their names, which are unique: the way to the directory may be another than it was.
    used = {os.path.basename(each) for each in account.history.jobs.request_files()}
    now = account.clock().timestamp()
    for path in account.requests.glob("*.jsonl"):
        with suppress(OSError):
            if path.name not in used and now - path.stat().st_mtime > _FORGOTTEN:
                path.unlink()
