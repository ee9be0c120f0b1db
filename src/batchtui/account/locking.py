"""One sends a job at a time: a lock that the kernel drops together with the process."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from batchtui.domain.errors import StorageError, UsageError
from batchtui.history.files import Lock

if TYPE_CHECKING:
    from batchtui.account.account import Account

_GLANCE = 0.05
"""Seconds for which the lock may be held by somebody who only looks whether it is."""


@contextmanager
def alone(account: Account, key: int) -> Iterator[None]:
    """Be the only one who sends a job; the kernel lets go of it if the process dies.

    Raises:
        UsageError: if somebody else is at it.
        StorageError: if the lock cannot be made.
    """
    try:
        lock = Lock(_lock_path(account.requests, key))
    except OSError as error:
        raise StorageError(
            "Nothing is sent, because the job cannot be locked:"
            f" {error.strerror or type(error).__name__}"
        ) from None
    try:
        if not lock.try_alone():
            time.sleep(_GLANCE)
            if not lock.try_alone():
                raise UsageError(
                    "Another batchtui is sending this job", todo="Let it go on, or stop it first"
                )
        yield
    finally:
        lock.close()


def being_sent(requests: Path, key: int) -> bool:
    """Whether somebody, here or in another process, is sending a job; as far as can be told.

    Args:
        requests: the directory `Account.requests`.
        key: the job.
    """
    path = _lock_path(requests, key)
    if not os.path.exists(path):
        return False
    try:
        lock = Lock(path)
    except OSError:
        return False
    try:
        return not lock.try_alone()
    finally:
        lock.close()


def _lock_path(requests: Path, key: int) -> Path:
    """The file that is locked; never removed, as whoever has just opened it would lock nothing."""
    return requests / f"job-{key}.lock"
