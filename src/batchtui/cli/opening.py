"""Opens the results that a person means: of a batch, or of a job as one; downloaded if need be."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

import msgspec

from batchtui.account.opening import Kept
from batchtui.cli import diagnostics
from batchtui.cli.ids import resolve, resolve_many
from batchtui.cli.start import Start, now
from batchtui.domain.batch import Record
from batchtui.domain.errors import ApiError, BatchtuiError, NotFoundError, ResultsError
from batchtui.domain.job import Job
from batchtui.domain.text import count, crop_middle, safe_line
from batchtui.history.history import History
from batchtui.results.reader import ResultFile

if TYPE_CHECKING:
    from batchtui.account.merging import Merged, Missing

_MOST_NAMED = 3


class Meant(msgspec.Struct, frozen=True):
    """The results that are meant.

    Attributes:
        name: the id of the batch, or the name of the job. Foreign text.
        file: the results; to be closed.
        code: the exit code if all else goes well.
        merged: of a job what there is to know of them.
    """

    name: str
    file: ResultFile
    code: int = diagnostics.DONE
    merged: Merged | None = None


def open_meant(begun: Start, text: str) -> Meant:
    """Open results, download what is not here, and say on stderr what of them is missing.

    Args:
        begun: what the command begins with.
        text: what a person calls the batch or the job.

    Raises:
        UsageError: if the text may mean several, or nothing.
        ResultsError: if there are none, or they are not here and batchtui is offline.
        BatchtuiError: if they could not be had.
    """
    kept = begun.kept()
    with closing(kept.history) as history:
        job = job_meant(history, text)
        if job is not None:
            return _of_job(begun, kept, job)
        batch_id = resolve(history, text)
        return Meant(batch_id, _of_batch(begun, kept, batch_id))


def job_meant(history: History, text: str) -> Job | None:
    """The job that is meant, if it is more than a batch; raises `UsageError` as `resolve` does."""
    job = resolve_many(history, text).job
    return None if job is None or job.is_one_batch else job


# A batch


def _of_batch(begun: Start, kept: Kept, batch_id: str) -> ResultFile:
    record = kept.history.record(batch_id)
    if kept.results.size(batch_id) is None:
        if begun.offline:
            raise ResultsError(
                f"The results of {safe_line(batch_id, 100)} are not here",
                todo="Leave out --offline to download them",
            )
        end = _fetch(begun, [batch_id])[batch_id]
        if end is not None:
            raise end
        return kept.results.open(batch_id)
    file = kept.results.open(batch_id)
    if record and not record.running:
        _warn_of_missing(file, record)
    return file


def _warn_of_missing(file: ResultFile, record: Record) -> None:
    """Someone may have cut what was whole when it came."""
    lines, requests = len(file), record.batch.request_counts.total
    if lines < requests:
        diagnostics.say(
            f"Warning: {safe_line(record.id)}: The file has {count(lines)} lines"
            f" for {count(requests)} requests."
        )


# A job


def _of_job(begun: Start, kept: Kept, job: Job) -> Meant:
    from batchtui.account.merging import open_job

    absent = [each for each in job.batch_ids if kept.results.size(each) is None]
    code = diagnostics.DONE
    if absent and not begun.offline:
        for batch_id, error in _fetch(begun, absent).items():
            # What has not ended, or is gone, is no failure of this command, and is said below.
            if error is not None and not isinstance(error, ResultsError):
                code = max(code, diagnostics.report(error, about=batch_id))
    history = kept.history
    records = {each: record for each in job.batch_ids if (record := history.record(each))}
    merged = open_job(job, kept.results, records, at=now())
    for words in _state(merged):
        diagnostics.say(f"{crop_middle(safe_line(job.name), 60)}: {words}.")
    if not merged.here:
        merged.file.close()
        todo = "Leave out --offline to download them" if begun.offline and absent else ""
        raise ResultsError("No results of this job are here", todo=todo)
    return Meant(job.name, merged.file, code, merged)


def _state(merged: Merged) -> Sequence[str]:
    """What there is to say of a job's results, as sentences without their full stop."""
    from batchtui.account.merging import standing_words

    missing = [
        f"{f'Round {round_.number}: ' if round_.number else ''}{_named(each)}"
        for round_ in merged.rounds
        for each in round_.missing
    ]
    return [*missing, *standing_words(merged)]


def _named(missing: Missing) -> str:
    ids = missing.batch_ids
    if not ids:
        return missing.words
    more = f" and {count(len(ids) - _MOST_NAMED)} more" if len(ids) > _MOST_NAMED else ""
    names = ", ".join(safe_line(each, 100) for each in ids[:_MOST_NAMED])
    return f"{missing.words} ({names}{more})"


# Downloading


def _fetch(begun: Start, batch_ids: Sequence[str]) -> Mapping[str, BatchtuiError | None]:
    """Download results; returns what went wrong with each. No way to the API ends it early."""
    from batchtui.cli.fetching import fetch_each

    account = begun.account_quietly().account
    ends: dict[str, BatchtuiError | None] = {}

    async def fetch() -> None:
        async for batch_id, end in fetch_each(account, batch_ids):
            if isinstance(end, BatchtuiError):
                ends[batch_id] = end
                if isinstance(end, ApiError) and not isinstance(end, NotFoundError):
                    break
                continue
            ends[batch_id] = None
            diagnostics.say(f"{safe_line(batch_id)}: results are in {end.path}")
            for difference in end.differences:
                diagnostics.say(f"Warning: {difference}.")

    with asyncio.Runner() as runner:
        try:
            runner.run(fetch())
        finally:
            runner.run(account.close())
    return ends
