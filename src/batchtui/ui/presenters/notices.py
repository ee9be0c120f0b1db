"""What is said when something ends in the background: batches, and downloads of results."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from batchtui.domain.batch import Outcome, Record, ResultsState
from batchtui.domain.errors import BatchtuiError
from batchtui.domain.happening import Happening, summary
from batchtui.domain.job_record import JobRecord
from batchtui.domain.text import count, safe_line, size
from batchtui.results.checks import Fetched

Severity = Literal["information", "warning", "error"]

_SEVERITY: dict[Outcome, Severity] = {
    Outcome.SUCCEEDED: "information",
    Outcome.EMPTY: "information",
    Outcome.FAILED: "error",
}


def happened_notice(told: Sequence[Happening]) -> tuple[Severity, str]:
    """How loud to say what happened, and the words: one in full, several as numbers."""
    loudness = {
        _SEVERITY.get(each.record.batch.outcome, "warning") if each.ended else "warning"
        for each in told
    }
    severity: Severity = next(
        each for each in ("error", "warning", "information") if each in loudness
    )
    return severity, summary(told)


def arrived_notice(names: Sequence[str], arrived: Sequence[Fetched]) -> str:
    """That results are here: those of one batch by its name, those of several by their number."""
    lines, volume = sum(each.lines for each in arrived), sum(each.bytes for each in arrived)
    whose = safe_line(names[0], 60) if len(names) == 1 else f"{count(len(names))} batches"
    return f"The results of {whose} are here: {count(lines)} lines, {size(volume)}."


def download_notice(name: str, end: Fetched | BatchtuiError | None) -> tuple[Severity, str]:
    """How loud to say how a download ended that did not simply arrive, and the sentence.

    Args:
        name: of the batch.
        end: what arrived, with differences; what went wrong; or None if it was stopped.
    """
    name = safe_line(name, 60)
    if end is None:
        return "information", f"The download of {name} was stopped; nothing half is kept."
    if isinstance(end, BatchtuiError):
        return "error", f"{name}: {end}"
    return "warning", " ".join(
        [arrived_notice([name], [end]), *(f"{each}." for each in end.differences)]
    )


def expiring_title(records: Sequence[Record], days: int) -> str:
    """The question within how many days results are dropped that are to be downloaded."""
    which = "1 batch" if len(records) == 1 else f"{count(len(records))} batches"
    return f"Fetch what expires within … days ({days}: {which})"


def expiring_notice(records: Sequence[Record], days: str) -> str:
    """What is downloaded because the API drops it within so many days, as typed."""
    if not records:
        return f"The API drops nothing within {safe_line(days, 12)} days that is not here."
    return f"Fetching the results of {_much(records)}."


def _much(records: Sequence[Record]) -> str:
    lines = sum(record.batch.request_counts.total for record in records)
    which = "1 batch" if len(records) == 1 else f"{count(len(records))} batches"
    return f"{which}, {count(lines)} lines"


_NOT_FETCHED: dict[ResultsState, str] = {
    ResultsState.HERE: "The results are here already.",
    ResultsState.GONE: "The results are gone.",
    ResultsState.NONE: "There are no results.",
}


def nothing_to_fetch(records: Sequence[Record], now: datetime) -> str:
    """Why none of these batches has results that can be fetched."""
    if not records:
        return "There are no results: nothing of this job was sent yet."
    if len(records) > 1:
        return (
            f"None of the {count(len(records))} batches has results that are still to be fetched."
        )
    if records[0].running:
        return "There are no results yet: they come when the batch has ended."
    return _NOT_FETCHED.get(records[0].results(now), "There is nothing to fetch.")


STILL_SENDING = "More batches of this job are being sent: stop that first (X)."
"""Said when a job is acted on to which batches are still being added."""


def nothing_sent(verb: str) -> str:
    """Why nothing can be done to a job that has no batches."""
    return f"Nothing of this job was sent yet, so there is nothing to {verb}."


def forgotten_notice(job: JobRecord) -> str:
    """That a job is no more of which nothing was sent."""
    return f"{safe_line(job.name, 60)} is forgotten: nothing of it had been sent."


def copied_notice(record: Record) -> str:
    """What was sent to the clipboard of a batch or a job."""
    if not isinstance(record, JobRecord):
        return "The id was sent to the terminal's clipboard."
    if not record.members:
        return "The name of the job was sent to the terminal's clipboard."
    number = len(record.members)
    ids = "The id of its batch was" if number == 1 else f"The ids of its {number} batches were"
    return f"{ids} sent to the terminal's clipboard."
