"""The results of a batch or a job beside the request files they answer, to send requests again."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from pathlib import Path

import msgspec

from batchtui.account.merging import Absence, Merged, open_job
from batchtui.domain.batch import Record
from batchtui.domain.errors import ResultsError, UsageError
from batchtui.domain.job import Job, Part, Round
from batchtui.results.reader import ResultFile
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
    unready: tuple[str, ...] = ()

    def round_of(self, number: int) -> int:
        """The round that brought a line."""
        return self.ends[bisect_right(self.ends, number, key=lambda each: each[0])][1]

    def underway(self) -> frozenset[str]:
        """The custom_ids of requests that are being sent again; reads files."""
        return frozenset(each for source in self.flying for each in _ids(source))

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
        record.label or record.id,
        None,
        record.id,
        file,
        range(len(file)),
        ((len(file), 0),),
        sources,
        gaps,
        _lost(record, file),
    )


def _of_job(
    merged: Merged, batch_id: str, records: Mapping[str, Record], results: ResultStore
) -> Answers:
    job = merged.job
    parts = [part for part in job.parts if not batch_id or part.batch_id == batch_id]
    ends = list(accumulate(each.lines for each in merged.origins))
    here = {each.part.batch_id: end for each, end in zip(merged.origins, ends, strict=True)}
    span = range(len(merged.file))
    if not here:
        raise ResultsError("No results of this job are here", todo="Fetch them first")
    if batch_id:
        if batch_id not in here:
            raise ResultsError("The results of this batch are not here", todo="Fetch them first")
        lines = next(each.lines for each in merged.origins if each.part.batch_id == batch_id)
        span = range(here[batch_id] - lines, here[batch_id])
    silent = _batches(merged, Absence.NO_LINE)
    gone = _batches(merged, Absence.GONE)
    sources = {
        each.number: source for each in job.rounds if (source := _source(job, each, records))
    }
    gapped = [part for part in parts if part.round == 0 and part.batch_id in silent]
    lost = Counter[str]()
    for part in gapped:
        with results.open(part.batch_id) as file:
            lost.update(_lost(records[part.batch_id], file))
    flying = [
        part
        for part in job.parts
        if part.round and part.batch_id not in here and part.batch_id not in gone
    ]
    return Answers(
        job.name,
        job,
        batch_id,
        merged.file,
        span,
        tuple((end, each.part.round) for each, end in zip(merged.origins, ends, strict=True)),
        sources,
        tuple(Gap(_stretch(part, sources), part.requests) for part in gapped if sources.get(0)),
        lost,
        tuple(_stretch(part, sources) for part in flying if part.round in sources),
        _newest([part for part in job.parts if part.round and part.batch_id in here], results),
        tuple(
            f"Not looked at: {each.words}."
            for each in merged.missing
            if each.why is not Absence.NO_LINE and not batch_id
        ),
    )


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


def _newest(parts: Sequence[Part], results: ResultStore) -> dict[str, str]:
    """The types of the results of these batches by custom_id; the last one counts."""
    found: dict[str, str] = {}
    for part in parts:
        with results.open(part.batch_id) as file:
            rows = map(file.row, range(len(file)))
            found.update((row.custom_id, row.type) for row in rows)
    return found


def _lost(record: Record, file: ResultFile) -> Counter[str]:
    """How many requests are counted by the API and have no line, by their type."""
    counts = msgspec.structs.asdict(record.batch.request_counts)
    return +(Counter(counts) - Counter(file.tally()))


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _ids(source: Source) -> Iterator[str]:
    return custom_ids(source.path, source.stretches)
