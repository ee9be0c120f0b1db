"""Writes requests that are to be sent again, as they stand in their files but for what is set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import msgspec

from batchtui.account.answers import Answers
from batchtui.account.retrying import NO_LINE, Chosen, RetryPlan
from batchtui.domain.batch import RequestCounts
from batchtui.domain.errors import RequestFileError, UsageError
from batchtui.domain.text import safe_line
from batchtui.results.export.pieces import Piece
from batchtui.results.export.targets import NewFile
from batchtui.submissions.extracting import continued, extract, with_settings

_BLOCK = 256 * 1024


class Target(Protocol):
    """What the lines are written to."""

    def write(self, data: bytes) -> None:
        """Take the next bytes; raises a `BatchtuiError` if they cannot be written."""


class Written(msgspec.Struct, frozen=True):
    """What was written.

    Attributes:
        lost: the custom_ids of those that are not in the request file, by its path.
        instead_of: which results the requests take the place of, by their type.
    """

    requests: int
    size: int
    lost: Mapping[str, tuple[str, ...]]
    instead_of: RequestCounts

    @property
    def words(self) -> tuple[str, ...]:
        """What of the plan could not be had, as sentences."""
        return tuple(
            f"{len(ids):,} of them {'is' if len(ids) == 1 else 'are'} not in"
            f" {safe_line(path, 200)}: {_some(ids)}."
            for path, ids in self.lost.items()
        )


def write_requests(answers: Answers, plan: RetryPlan, target: Target) -> Written:
    """Write the requests of a plan, one a line, in the order of their files; for a thread.

    Raises:
        UsageError: if the request file of a round is not known.
        RequestFileError: if one cannot be read, or none of the requests is in any.
        BatchtuiError: what the target raises.
    """
    lost: dict[str, tuple[str, ...]] = {}
    done: list[Chosen] = []
    size = 0
    pending = bytearray()
    for number, chosen in sorted(plan.rounds.items()):
        if not chosen:
            continue
        source = answers.sources.get(number)
        if source is None:
            raise _unlinked(answers)
        left = dict(chosen)
        for found in extract(source.path, left.keys(), source.stretches):
            each = left.pop(found.custom_id)
            pending += _line(answers, plan, each, found.line) + b"\n"
            done.append(each)
            if len(pending) > _BLOCK:
                size += len(pending)
                target.write(bytes(pending))
                pending.clear()
        if left:
            lost[str(source.path)] = tuple(left)
    target.write(bytes(pending))
    if plan.requests and not done:
        raise RequestFileError(
            f"Not one of the requests is in {', '.join(safe_line(path, 200) for path in lost)}",
            todo="Is it the right file? `batchtui link` says which one it is",
        )
    return Written(len(done), size + len(pending), lost, _instead_of(answers, done))


def write_file(answers: Answers, plan: RetryPlan, path: Path, *, replace: bool = False) -> Written:
    """Write the requests of a plan to a file that a person names; for a thread.

    Args:
        answers: what came back, and where the requests stand.
        plan: which requests.
        path: the file; it appears whole or not at all.
        replace: whether it may take the name from another file.

    Raises:
        TakenError: if a file has the name, and may not be replaced.
        BatchtuiError: what `write_requests` raises, and if it cannot be written.
    """
    with NewFile(path, replace=replace) as target:
        written = write_requests(answers, plan, _Pieces(target))
        target.publish()
    return written


class _Pieces:
    """Gives bytes on as pieces of an export."""

    def __init__(self, target: NewFile) -> None:
        self._target = target

    def write(self, data: bytes) -> None:
        self._target.write(Piece(0, data))


def _line(answers: Answers, plan: RetryPlan, chosen: Chosen, line: bytes) -> bytes:
    if chosen.paused:
        try:
            line = continued(line, answers.file.line(chosen.number))
        except ValueError:
            raise RequestFileError(
                "An answer that paused cannot be gone on with, because it or its request"
                f" makes no sense: line {chosen.number + 1:,} of the results"
            ) from None
    try:
        return with_settings(line, plan.wanted.settings)
    except ValueError:
        raise RequestFileError("A request in the request file has no params to set") from None


def _instead_of(answers: Answers, done: list[Chosen]) -> RequestCounts:
    """Which results these take the place of; without a result, of what the API counted."""
    types = Counter(each.type for each in done if each.type)
    silent = sum(each.number == NO_LINE for each in done)
    for kind, number in answers.lost.items():
        taken = min(number, silent)
        types[kind] += taken
        silent -= taken
    known = RequestCounts.__struct_fields__
    return RequestCounts(**{kind: number for kind, number in types.items() if kind in known})


def _unlinked(answers: Answers) -> UsageError:
    which = safe_line(answers.batch_id or answers.name, 60)
    return UsageError(
        f"It is not known in which file the requests of {which} stand",
        todo="Say so with `batchtui link ID FILE`" if answers.batch_id else "",
    )


def _some(ids: tuple[str, ...]) -> str:
    more = ", …" if len(ids) > 5 else ""
    return ", ".join(safe_line(each, 64) for each in ids[:5]) + more
