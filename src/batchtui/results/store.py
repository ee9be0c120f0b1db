"""The directory of result files: which batches have theirs here, under which names."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from batchtui.domain.errors import StorageError
from batchtui.domain.text import safe_line

if TYPE_CHECKING:
    from batchtui.results.reader import ResultFile

SUFFIX = ".jsonl"
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,128}")
# No plain id has a "~", and hexadecimal digits in one case mean the same on every file system.
_HEX, _DIGEST = "~", "~~"
_LONGEST_HEX = 200


class Here(msgspec.Struct, frozen=True):
    """Which batches have their results here, as in `batch_id in here`.

    Attributes:
        stems: the names of the files, without their suffix.
    """

    stems: frozenset[str] = frozenset()

    def __contains__(self, batch_id: str) -> bool:
        return bool(self.stems) and _stem(batch_id) in self.stems


class ResultStore:
    """Result files by batch id; one `<batch id>.jsonl` each, with its index beside it.

    Batch ids are foreign. One that is no plain word goes by its bytes in hexadecimal; one too long
    even for that goes by a digest, and is not listed by `here`.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def here(self) -> Here:
        """Which batches have their results here; none if there is no directory yet."""
        try:
            with os.scandir(self.directory) as entries:
                names = [entry.name for entry in entries]
        except OSError:
            return Here()
        return Here(frozenset(name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX)))

    def path(self, batch_id: str) -> Path:
        """Where the results of a batch are or would be."""
        return self.directory / f"{_stem(batch_id)}{SUFFIX}"

    def open(self, batch_id: str) -> ResultFile:
        """Open the results of a batch; `opening.open_results` does it without blocking.

        Raises:
            ResultsError: if they are not here or cannot be read.
        """
        # Imported when needed: to know what is here takes none of it.
        from batchtui.results.opening import open_results_now

        return open_results_now(self.path(batch_id))

    def size(self, batch_id: str) -> int | None:
        """The size of the result file in bytes, or None if it is not here."""
        try:
            return self.path(batch_id).stat().st_size
        except OSError:
            return None

    def remove(self, batch_id: str) -> bool:
        """Remove the results of a batch from this disk; return whether there were any.

        Raises:
            StorageError: if they cannot be removed.
        """
        from batchtui.results.opening import index_path

        path = self.path(batch_id)
        with contextlib.suppress(OSError):
            index_path(path).unlink()
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StorageError(
                f"The results of {safe_line(batch_id, 64)} cannot be removed: {error.strerror}"
            ) from error
        return True


def _stem(batch_id: str) -> str:
    if _PLAIN.fullmatch(batch_id):
        return batch_id
    octets = batch_id.encode("utf-8", "surrogatepass")
    if len(octets) * 2 <= _LONGEST_HEX:
        return _HEX + octets.hex()
    return _DIGEST + hashlib.sha256(octets).hexdigest()


def batch_id_of(stem: str) -> str | None:
    """The id of the batch whose results have this name; None if the name does not tell."""
    if _PLAIN.fullmatch(stem):
        return stem
    try:
        batch_id = bytes.fromhex(stem.removeprefix(_HEX)).decode("utf-8", "surrogatepass")
    except ValueError:
        return None
    return batch_id if _stem(batch_id) == stem else None
