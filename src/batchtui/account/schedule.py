"""How long to wait between two looks at the API, judged by what is running."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from batchtui.domain.batch import CANCELING, Record
from batchtui.domain.forecast import Past

BRISK = 5.0
STEADY = 10.0
CALM = 20.0
SLOW = 60.0
"""Seconds between two ticks."""


def interval(running: Iterable[Record], past: Past, now: datetime) -> float:
    """Seconds until the next tick: the shortest wait that any running batch asks for."""
    shortest = SLOW
    for record in running:
        shortest = min(shortest, _wanted(record, past, now))
        if shortest <= BRISK:
            break
    return shortest


def _wanted(record: Record, past: Past, now: datetime) -> float:
    """Quick while a batch is young, canceling or near an end; slow when it is old."""
    batch = record.batch
    age = batch.elapsed(now).total_seconds()
    if batch.processing_status == CANCELING or age < 120:
        return BRISK
    if age < 600 or abs((batch.deadline - now).total_seconds()) < 600:
        return STEADY
    forecast = past.forecast(batch.request_counts.total, age)
    if forecast and forecast.end and forecast.end - age < 300:
        return STEADY
    return CALM if age < 3600 else SLOW
