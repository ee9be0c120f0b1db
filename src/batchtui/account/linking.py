"""Checks that a file holds the requests of a batch before the two are linked."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import msgspec

from batchtui.domain.errors import UsageError
from batchtui.domain.text import count
from batchtui.results.reader import ResultFile
from batchtui.submissions.request_file import RequestFile

SAMPLE = 200
"""So many results at most are looked for in the file."""


class Linked(msgspec.Struct, frozen=True):
    """How well a file fits a batch.

    Attributes:
        path: the absolute path of the file.
        found: how many of the results looked for have their request in it.
        of: how many were looked for; 0 if no results are here.
    """

    path: Path
    found: int
    of: int

    @property
    def words(self) -> str:
        """The same as a sentence."""
        if not self.of:
            return "Linked; whether it fits can be told when the results are here."
        if self.found == self.of:
            return "Linked; the requests of all results looked for are in it."
        return (
            f"Linked, but of {count(self.of)} results looked for only {count(self.found)}"
            " have their request in it."
        )


def sample(results: ResultFile) -> list[str]:
    """Some custom_ids of a result file, from all over it."""
    step = max(len(results) // SAMPLE, 1)
    numbers = range(0, len(results), step)[:SAMPLE]
    return [custom_id for number in numbers if (custom_id := results.row(number).custom_id)]


def check_link(path: Path, custom_ids: Collection[str]) -> Linked:
    """Look whether a file can be the request file of a batch; reads it, for a thread.

    Args:
        path: where it is; "~" stands for the home directory.
        custom_ids: those of some results of the batch; none if they are not here.

    Raises:
        StorageError: if it cannot be read.
        UsageError: if it holds no requests, or none of these.
    """
    try:
        path = path.expanduser().absolute()
        str(path).encode()
    except (RuntimeError, ValueError) as error:
        raise UsageError("That is no path that could be kept") from error
    file = RequestFile(path)
    file.check()
    found = file.count(custom_ids)
    if custom_ids and not found:
        raise UsageError(
            f"Not one request of this batch is in {file.name}",
            todo="Is it the file of another batch?",
        )
    return Linked(path, found, len(set(custom_ids)))
