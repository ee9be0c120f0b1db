"""When a running batch will end, judged by how long the person's own batches took.

The API says nothing about progress until a batch has ended, so past durations are all there is.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise

import msgspec

from batchtui.domain.batch import Record

FEWEST_ALIKE = 5
"""So many past batches of like size are wanted before those of other sizes are left out."""

_BANDS = (0, 10, 100, 1_000, 10_000, 50_000)


class Forecast(msgspec.Struct, frozen=True):
    """What past batches say about one that has been running for `elapsed` seconds.

    Attributes:
        n: how many past batches it rests on.
        alike: which sizes they had, as (fewest, most) requests; None if of all sizes.
        low: seconds by which a tenth of them had ended.
        high: seconds by which nine tenths had ended.
        end: seconds after creation at which the batch will probably end: the median of those
            that took longer than `elapsed`; None past the slowest of 95 %.
        ended_by_now: the share (0 to 1) of them that had ended after `elapsed`.
    """

    n: int
    alike: tuple[int, int | None] | None
    low: float
    high: float
    end: float | None
    ended_by_now: float

    def progress(self, elapsed: float) -> float:
        """Elapsed time as a share of the expected end, 0 to 1; 1 once past it."""
        return min(elapsed / self.end, 1.0) if self.end else 1.0


class Past:
    """Past durations, ready to be asked.

    Args:
        durations: (requests, seconds) of batches that ran to their own end.
    """

    def __init__(self, durations: Sequence[tuple[int, float]]) -> None:
        self._all = sorted(seconds for _, seconds in durations)
        self._by_band: dict[int, list[float]] = {}
        for requests, seconds in sorted(durations, key=lambda each: each[1]):
            self._by_band.setdefault(_band(requests), []).append(seconds)

    def forecast_of(self, record: Record, now: datetime) -> Forecast | None:
        """Forecast a running batch at `now`; None without a past."""
        batch = record.batch
        return self.forecast(batch.request_counts.total, batch.elapsed(now).total_seconds())

    def forecast(self, requests: int, elapsed: float) -> Forecast | None:
        """Forecast a batch of so many requests, `elapsed` seconds old; None without a past."""
        band = _band(requests)
        alike = self._by_band.get(band, [])
        if len(alike) >= FEWEST_ALIKE:
            past, sizes = alike, _limits(band)
        else:
            past, sizes = self._all, None
        if not past:
            return None
        ended = bisect_right(past, elapsed)
        ended_by_now = ended / len(past)
        slower = past[ended:]
        return Forecast(
            n=len(past),
            alike=sizes,
            low=quantile(past, 0.1),
            high=quantile(past, 0.9),
            end=quantile(slower, 0.5) if slower and ended_by_now < 0.95 else None,
            ended_by_now=ended_by_now,
        )


def last_to_end(
    running: Iterable[Record], past: Past, now: datetime
) -> tuple[Record, Forecast | None] | None:
    """Which of several running batches will probably end last, and its forecast; None of none.

    One that took longer than the others ever did comes after those whose end can be foreseen.
    """
    found = [(each, past.forecast_of(each, now)) for each in running]

    def end(each: tuple[Record, Forecast | None]) -> float:
        record, forecast = each
        foreseen = forecast.end if forecast else 0.0
        return math.inf if foreseen is None else record.batch.created_at.timestamp() + foreseen

    return max(found, key=end, default=None)


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which `share` of the ordered, non-empty values lie, interpolated."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _band(requests: int) -> int:
    return bisect_right(_BANDS, requests) - 1


def _limits(band: int) -> tuple[int, int | None]:
    edges = dict(enumerate(pairwise(_BANDS)))
    return edges.get(band, (_BANDS[-1], None))
