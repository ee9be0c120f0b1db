"""A job's results as one: over all its batches and rounds, each custom_id once.

What is here is merged; what is not is counted, with the reason.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from enum import StrEnum
from itertools import accumulate

import msgspec

from batchtui.domain.batch import Record, ResultsState
from batchtui.domain.job import Job, Part, PartState
from batchtui.domain.text import count, counted
from batchtui.results.joined import join
from batchtui.results.reader import ResultFile
from batchtui.results.slices import Steps, now
from batchtui.results.standing import stand
from batchtui.results.store import ResultStore


class Absence(StrEnum):
    """Why there is no answer to requests of a job here."""

    UNSENT = "not sent"
    IN_DOUBT = "sent, but not known to be in a batch"
    RUNNING = "in batches that have not ended"
    AVAILABLE = "in batches whose results are not fetched"
    GONE = "in batches whose results are gone"
    NO_LINE = "not in the results of their batch"


class Missing(msgspec.Struct, frozen=True):
    """Requests without an answer here, for one reason.

    Attributes:
        requests: how many.
        batch_ids: the batches they are in, if they are in any.
    """

    why: Absence
    requests: int
    batch_ids: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The same in words."""
        return f"{count(self.requests)} {self.why.value}"


class RoundResults(msgspec.Struct, frozen=True):
    """How a job stood after a round.

    Attributes:
        number: of the round, 0 for the first.
        requests: how many it sends.
        here: how many of its batches have their results here.
        batches: how many batches it has, or is to have.
        left: how many requests of the job had no good answer after it: one that succeeded, and
            did not stop short.
        missing: why requests of this round have no answer here.
    """

    number: int
    requests: int
    here: int
    batches: int
    left: int
    missing: tuple[Missing, ...] = ()


class Origin(msgspec.Struct, frozen=True):
    """Where lines come from.

    Attributes:
        part: what became the batch they are the results of.
        lines: how many of its lines stand for their requests.
    """

    part: Part
    lines: int


class Merged(msgspec.Struct, frozen=True):
    """The results of a job as far as they are here.

    Attributes:
        file: the lines that stand for their requests, in the order of the batches; to be closed.
        origins: the batches whose results are here, in that order.
        rounds: how the job stood after each.
        answered: how many requests have a line, whatever it says.
    """

    job: Job
    file: ResultFile
    origins: tuple[Origin, ...]
    rounds: tuple[RoundResults, ...]
    answered: int

    @property
    def requests(self) -> int:
        """How many requests the job is to have answered."""
        return self.job.requests

    @property
    def unanswered(self) -> int:
        """How many requests have no line at all."""
        return max(self.requests - self.answered, 0)

    @property
    def left(self) -> int:
        """How many requests have no good answer: one that succeeded, and did not stop short."""
        return self.rounds[-1].left

    @property
    def here(self) -> int:
        """How many batches have their results here."""
        return len(self.origins)

    @property
    def batches(self) -> int:
        """How many batches there are or are to be."""
        return len(self.job.parts)

    @property
    def missing(self) -> tuple[Missing, ...]:
        """Why there is no answer here to what the rounds sent."""
        return _summed(each for round_ in self.rounds for each in round_.missing)

    def origin(self, number: int) -> Part:
        """What became the batch that a line of the file is a result of."""
        ends = list(accumulate(each.lines for each in self.origins))
        return self.origins[bisect_right(ends, number)].part

    def request_file(self, number: int) -> str:
        """Absolute path of the file that the request of a line was sent from; "" if unknown."""
        sent_in = self.origin(number).round
        return next(each.request_file for each in self.job.rounds if each.number == sent_in)


def open_job(
    job: Job, results: ResultStore, records: Mapping[str, Record], *, at: datetime
) -> Merged:
    """Open the results of a job, however long that takes; `merge` does it in steps.

    Args:
        job: whose.
        results: the result files.
        records: what is known of the batches, by id.
        at: the present moment.

    Raises:
        ResultsError: if one that is here cannot be read.
    """
    with ExitStack() as stack:
        files = {
            batch_id: stack.enter_context(results.open(batch_id))
            for batch_id in job.batch_ids
            if results.size(batch_id) is not None
        }
        return now(merge(job, files, records, at=at))


def merge(
    job: Job, files: Mapping[str, ResultFile], records: Mapping[str, Record], *, at: datetime
) -> Steps[Merged]:
    """Make one of the results that are here.

    Args:
        job: whose.
        files: the open results of its batches, by id; they may be closed afterwards.
        records: what is known of the batches, by id.
        at: the present moment.
    """
    parts = [part for part in job.parts if part.batch_id in files]
    opened = [files[part.batch_id] for part in parts]
    standing = yield from stand([file.index for file in opened])
    file = yield from join(opened, standing.masks)
    good = dict(zip((part.number for part in parts), standing.good, strict=True))
    answered = max(standing.answered, default=0)
    rounds, reached = [], 0
    for round_ in job.rounds:
        own = [part for part in job.parts if part.round == round_.number]
        reached = max([reached, *(good.get(part.number, 0) for part in own)])
        rounds.append(
            RoundResults(
                round_.number,
                round_.requests,
                here=sum(part.number in good for part in own),
                batches=len(own),
                left=max(job.requests, answered) - reached,
                missing=_summed(_missing(part, files, records, at) for part in own),
            )
        )
    return Merged(
        job,
        file,
        tuple(
            Origin(part, mask.count(1)) for part, mask in zip(parts, standing.masks, strict=True)
        ),
        tuple(rounds),
        answered=answered,
    )


def _missing(
    part: Part, files: Mapping[str, ResultFile], records: Mapping[str, Record], at: datetime
) -> Missing:
    """What of a part is missing; of no requests if nothing is."""
    batch_id = part.batch_id
    if part.state is not PartState.CREATED:
        planned = part.state is PartState.PLANNED
        return Missing(Absence.UNSENT if planned else Absence.IN_DOUBT, part.requests)
    if batch_id in files:
        lines = len(files[batch_id])
        return Missing(Absence.NO_LINE, max(part.requests - lines, 0), (batch_id,))
    return Missing(_absence(records.get(batch_id), at), part.requests, (batch_id,))


def _absence(record: Record | None, at: datetime) -> Absence:
    match record.results_on_server(at) if record else ResultsState.AVAILABLE:
        case ResultsState.GONE:
            return Absence.GONE
        case ResultsState.NONE if record and record.running:
            return Absence.RUNNING
        case _:
            return Absence.AVAILABLE


def _summed(missing: Iterator[Missing]) -> tuple[Missing, ...]:
    """All that is missing for the same reason as one."""
    found: dict[Absence, list[Missing]] = {}
    for each in missing:
        if each.requests:
            found.setdefault(each.why, []).append(each)
    return tuple(
        Missing(
            why,
            sum(each.requests for each in same),
            tuple(batch_id for each in same for batch_id in each.batch_ids),
        )
        for why, same in found.items()
    )


def standing_words(merged: Merged) -> Sequence[str]:
    """How complete a job's results are, as sentences without their full stop; none if they are."""
    words = []
    if merged.here < merged.batches:
        batches, verb = counted(merged.batches, "batch", "batches"), _verb(merged.here, "is", "are")
        words.append(f"{count(merged.here)} of {batches} {verb} here")
    if merged.left:
        words.append(
            f"{count(merged.left)} of {counted(merged.requests, 'request')}"
            f" {_verb(merged.left, 'has', 'have')} no good answer"
        )
    return words


def _verb(number: int, one: str, several: str) -> str:
    return one if number == 1 else several
