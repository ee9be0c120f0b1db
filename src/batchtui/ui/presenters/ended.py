"""What is said when batches end while they are watched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from batchtui.domain.batch import Outcome, Record
from batchtui.domain.text import count, safe_line

Severity = Literal["information", "warning", "error"]

_SEVERITY: dict[Outcome, Severity] = {
    Outcome.SUCCEEDED: "information",
    Outcome.EMPTY: "information",
    Outcome.FAILED: "error",
}


def ended_notice(records: Sequence[Record]) -> tuple[Severity, str]:
    """How loud to say it, and the sentence: one batch in full, several as a tally."""
    loudness = {_SEVERITY.get(record.batch.outcome, "warning") for record in records}
    severity: Severity = next(
        each for each in ("error", "warning", "information") if each in loudness
    )
    if len(records) > 1:
        tally = Counter(record.batch.outcome for record in records)
        parts = ", ".join(f"{number} {outcome}" for outcome, number in tally.most_common())
        return severity, f"{len(records)} batches ended: {parts}."
    batch = records[0].batch
    counts = batch.request_counts
    name = safe_line(records[0].name, 60)
    answered = f"{count(counts.succeeded)} of {count(counts.total)} succeeded"
    return severity, f"{name} ended: {batch.outcome}, {answered}."
