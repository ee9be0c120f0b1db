"""What a look at a request file found, as values: limits, problems, the plan, the estimate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from batchtui.domain.job import Part
from batchtui.domain.request import MOST_BYTES, MOST_REQUESTS
from batchtui.submissions.estimate import Estimate


class Limits(msgspec.Struct, frozen=True):
    """How large one batch may become.

    Attributes:
        requests: how many it may have.
        bytes: how many the body of its create request may have.
    """

    requests: int = MOST_REQUESTS
    bytes: int = MOST_BYTES


class Progress(msgspec.Struct, frozen=True):
    """How far the look at a file is.

    Attributes:
        bytes: read so far.
        of: bytes of the file.
        requests: found so far.
        problems: lines with a problem so far, duplicates not counted.
        again: whether it is being read a second time, to name duplicates.
    """

    bytes: int
    of: int
    requests: int
    problems: int
    again: bool = False


OnProgress = Callable[[Progress], object]
"""Called now and then; what it raises ends the look at the file and goes through."""


class Where(msgspec.Struct, frozen=True):
    """A line with a problem.

    Attributes:
        line: its number, from 1.
        custom_id: foreign text, not too long; "" if it has none.
        field: where in the line; "" for the line as a whole.
        like: the number of an earlier line it must differ from; 0 if there is none.
    """

    line: int
    custom_id: str
    field: str
    like: int = 0


class Group(msgspec.Struct, frozen=True):
    """Lines that all have the same problem.

    Attributes:
        field: where in each line, with `*` for numbers; "" for the line as a whole.
        message: what is wrong with that field, to be read after its name.
        count: how many lines.
        first: some of them, in the order of the file.
    """

    field: str
    message: str
    count: int
    first: tuple[Where, ...] = ()

    @property
    def words(self) -> str:
        """The problem as a sentence without its full stop."""
        return f"{self.field} {self.message}" if self.field else self.message


class Checked(msgspec.Struct, frozen=True):
    """A request file as it was when it was looked at.

    Attributes:
        path: where it is; absolute.
        size: in bytes.
        mtime_ns: when it was last written to.
        digest: BLAKE2b (16 bytes) of all of it.
        requests: how many lines hold something.
        blank_lines: how many do not.
        shapes: how many requests are written in which way, by the name of the `Shape`.
        models: how many requests each model has, the most used first.
        problems: what the API would refuse; what concerns most lines first.
        warnings: what may fail; likewise.
        parts: the batches it becomes; of round 0, numbered from 1. Only to be sent if it is `ok`.
        estimate: what it will use.
    """

    path: Path
    size: int
    mtime_ns: int
    digest: bytes
    requests: int
    blank_lines: int
    shapes: Mapping[str, int]
    models: Mapping[str, int]
    problems: tuple[Group, ...]
    warnings: tuple[Group, ...]
    parts: tuple[Part, ...]
    estimate: Estimate

    @property
    def ok(self) -> bool:
        """Whether it can be sent."""
        return not self.problems
