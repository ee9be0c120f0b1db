"""The results of a batch or a job beside the request files they answer, to send requests again."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from pathlib import Path

import msgspec

from batchtui.account.alike import groups
from batchtui.account.merging import Absence, Merged, open_job
from batchtui.domain.batch import Record
from batchtui.domain.errors import ResultsError, UsageError
from batchtui.domain.job import Job, Part, Round
from batchtui.domain.result import UNREADABLE
from batchtui.domain.text import count, counted, safe_line
from batchtui.results.reader import ResultFile
from batchtui.results.standing import Worth, worth
from batchtui.results.store import ResultStore
from batchtui.submissions.extracting import WHOLE, Stretch, custom_ids


class Source(msgspec.Struct, frozen=True):
    """Where requests stand: a file, and stretches of it."""

    path: Path
    stretches: tuple[Stretch, ...] = WHOLE


class Gap(msgspec.Struct, frozen=True):
    """Where requests stand that some have no result of, though their batch should have one.

    Attributes:
        requests: how many the batch has.
    """

    source: Source
    requests: int


class Answers(msgspec.Struct, frozen=True):
    """What came back for requests, and where they stand.

    Attributes:
        name: what to call it. Foreign text.
        job: the job; None for a batch that is in none.
        batch_id: the batch, if it is about one.
        file: the results; of a job merged, each custom_id once. To be closed.
        span: the lines it is about.
        ends: behind which line of `file` the results of a batch end, and of which round it is.
        sources: where the requests of a round stand.
        gaps: where requests stand of which some have no line.
        lost: how many such requests there are by the type that the API counts them in.
        flying: where requests stand that were sent again, and have no results here yet.
        newest: the types of the last results of requests that were sent again.
        blind: the custom_ids of requests that were sent again, and whose last results cannot be
            read here: the API may well have answered them.
        standing: how a job stands after its last round, as sentences.
        unready: why not everything can be sent again yet, as sentences.
    """

    name: str
    job: Job | None
    batch_id: str
    file: ResultFile
    span: range
    ends: tuple[tuple[int, int], ...]
    sources: Mapping[int, Source]
    gaps: tuple[Gap, ...] = ()
    lost: Mapping[str, int] = {}
    flying: tuple[Source, ...] = ()
    newest: Mapping[str, str] = {}
    blind: frozenset[str] = frozenset()
    standing: tuple[str, ...] = ()
    unready: tuple[str, ...] = ()

    def round_of(self, number: int) -> int:
        """The round that brought a line."""
        return self.ends[bisect_right(self.ends, number, key=lambda each: each[0])][1]

    @property
    def without_good(self) -> int:
        """How many requests have no good answer: one that succeeded, and did not stop short."""
        short = (
            len(each.numbers)
            for each in groups(self.file.index, self.span)
            if worth(each.type, each.stop_reason) is not Worth.GOOD
        )
        return sum(short) + sum(self.lost.values())

    def underway(self) -> frozenset[str]:
        """The custom_ids of requests that may be answered already; reads files."""
        return self.blind.union(*(_ids(source) for source in self.flying))

    def missing(self) -> list[str]:
        """The custom_ids of requests without a line, in the order of the file; reads files.

        None of those in a file that does not hold the requests of their batch and no others:
        which of them were never in the batch cannot be told then.
        """
        if not self.gaps:
            return []
        index = self.file.index
        there = set(index.custom_ids(0, len(index))) if len(index) else set()
        found: list[str] = []
        for gap in self.gaps:
            ids = list(_ids(gap.source))
            if len(ids) == gap.requests:
                found += (each for each in ids if _utf8(each) not in there)
        return found


def open_answers(
    results: ResultStore,
    records: Mapping[str, Record],
    *,
    job: Job | None = None,
    batch_id: str = "",
    at: datetime,
) -> Answers:
    """Open what is here of a job, or of one batch; for a thread, as it may take long.

    Args:
        results: the result files.
        records: what is known of the batches, by id.
        job: the job; that of the batch, if it is in one.
        batch_id: the batch; "" for the whole job.
        at: the present moment.

    Raises:
        UsageError: if nothing is known of the batch.
        ResultsError: if there are no results here, or they cannot be read.
    """
    if job is None:
        if batch_id not in records:
            raise UsageError("This batch has not been seen yet", todo="Refresh the list first")
        return _of_batch(records[batch_id], results)
    merged = open_job(job, results, records, at=at)
    try:
        return _of_job(merged, batch_id, records, results)
    except BaseException:
        merged.file.close()
        raise


def _of_batch(record: Record, results: ResultStore) -> Answers:
    file = results.open(record.id)
    sources: dict[int, Source] = {}
    if record.request_file:
        sources[0] = Source(Path(record.request_file))
    total = record.batch.request_counts.total
    gaps = (Gap(sources[0], total),) if sources and len(file) < total else ()
    return Answers(
        name=record.label or record.id,
        job=None,
        batch_id=record.id,
        file=file,
        span=range(len(file)),
        ends=((len(file), 0),),
        sources=sources,
        gaps=gaps,
        lost=_lost(record, file),
    )


def _of_job(
    merged: Merged, batch_id: str, records: Mapping[str, Record], results: ResultStore
) -> Answers:
    job = merged.job
    here = {each.part.batch_id for each in merged.origins}
    if not here.issuperset({batch_id} if batch_id else ()) or not here:
        whose = "this batch" if batch_id else "this job"
        raise ResultsError(f"The results of {whose} are not here", todo="Fetch them first")
    found = {each.number: _source(job, each, records) for each in job.rounds}
    sources = {number: source for number, source in found.items() if source}
    silent, gone = _batches(merged, Absence.NO_LINE), _batches(merged, Absence.GONE)
    gapped = [
        part
        for part in job.parts
        if part.round == 0 and part.batch_id in silent and batch_id in ("", part.batch_id)
    ]
    again = [part for part in job.parts if part.round]
    flying = [part for part in again if part.batch_id not in here | gone]
    last = _last_of([part for part in again if part.batch_id in here], sources, results)
    return Answers(
        name=job.name,
        job=job,
        batch_id=batch_id,
        file=merged.file,
        span=_span(merged, batch_id),
        ends=_ends(merged),
        sources=sources,
        gaps=tuple(Gap(_stretch(each, sources), each.requests) for each in gapped if 0 in sources),
        lost=_lost_of(gapped, records, results),
        flying=tuple(_stretch(each, sources) for each in flying if each.round in sources),
        newest=last.types,
        blind=last.blind,
        standing=_standing(merged),
        unready=(*last.damaged, *(() if batch_id else _unready(merged))),
    )


def _ends(merged: Merged) -> tuple[tuple[int, int], ...]:
    ends = accumulate(each.lines for each in merged.origins)
    rounds = (each.part.round for each in merged.origins)
    return tuple(zip(ends, rounds, strict=True))


def _span(merged: Merged, batch_id: str) -> range:
    """The lines of a batch, or all of them."""
    start = 0
    for each in merged.origins:
        if each.part.batch_id == batch_id:
            return range(start, start + each.lines)
        start += each.lines
    return range(start)


def _standing(merged: Merged) -> tuple[str, ...]:
    number = len(merged.rounds) - 1
    if not number:
        return ()
    of = f"{count(merged.left)} of {counted(merged.requests, 'request')}"
    return (f"After round {number}, {of} {'has' if merged.left == 1 else 'have'} no good answer.",)


def _unready(merged: Merged) -> tuple[str, ...]:
    missing = (each for each in merged.missing if each.why is not Absence.NO_LINE)
    return tuple(f"Not looked at: {each.words}." for each in missing)


def _lost_of(
    parts: Iterable[Part], records: Mapping[str, Record], results: ResultStore
) -> Counter[str]:
    lost = Counter[str]()
    for part in parts:
        with results.open(part.batch_id) as file:
            lost += _lost(records[part.batch_id], file)
    return lost


def _batches(merged: Merged, why: Absence) -> frozenset[str]:
    return frozenset(
        batch_id for each in merged.missing if each.why is why for batch_id in each.batch_ids
    )


def _source(job: Job, round_: Round, records: Mapping[str, Record]) -> Source | None:
    parts = [part for part in job.parts if part.round == round_.number]
    linked = (records[part.batch_id].request_file for part in parts if part.batch_id in records)
    path = round_.request_file or next(filter(None, linked), "")
    stretches = tuple(Stretch(part.start, part.stop, part.first_line) for part in parts)
    return Source(Path(path), stretches) if path else None


def _stretch(part: Part, sources: Mapping[int, Source]) -> Source:
    stretch = Stretch(part.start, part.stop, part.first_line)
    return Source(sources[part.round].path, (stretch,))


class _Last(msgspec.Struct, frozen=True):
    """The last results of requests that were sent again: their types, and whose cannot be read."""

    types: Mapping[str, str]
    blind: frozenset[str]
    damaged: tuple[str, ...]


def _last_of(parts: Sequence[Part], sources: Mapping[int, Source], results: ResultStore) -> _Last:
    types: dict[str, str] = {}
    blind: set[str] = set()
    damaged = []
    for part in parts:
        with results.open(part.batch_id) as file:
            rows = map(file.row, range(len(file)))
            found = {row.custom_id: row.type for row in rows if row.type != UNREADABLE}
        if len(found) < part.requests and part.round in sources:
            lost = set(_ids(_stretch(part, sources))) - found.keys()
            blind |= lost
            types = {each: kind for each, kind in types.items() if each not in lost}
            damaged.append(
                f"Some results of {safe_line(part.batch_id, 64)} cannot be read:"
                f" `batchtui fetch {safe_line(part.batch_id, 64)}` gets them again."
            )
        blind -= found.keys()
        types |= found
    return _Last(types, frozenset(blind), tuple(damaged))


def _lost(record: Record, file: ResultFile) -> Counter[str]:
    """How many requests are counted by the API and have no line, by their type."""
    counts = msgspec.structs.asdict(record.batch.request_counts)
    return +(Counter(counts) - Counter(file.tally()))


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _ids(source: Source) -> Iterator[str]:
    return custom_ids(source.path, source.stretches)
