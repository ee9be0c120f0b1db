"""Where the simulated world gets its time: a clock is any function that returns an aware moment."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Returns the present moment, aware and in UTC. It never goes backwards."""


class RunningClock:
    """Starts at the real present and runs `speed` times as fast as real time."""

    def __init__(self, speed: float = 1.0) -> None:
        self._speed = speed
        self._start = datetime.now(UTC)
        self._mark = time.monotonic()

    def __call__(self) -> datetime:
        """The simulated present."""
        return self._start + timedelta(seconds=(time.monotonic() - self._mark) * self._speed)


class FixedClock:
    """Stands still until it is told to move."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def __call__(self) -> datetime:
        """The moment last set."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move forward by `seconds`."""
        self._now += timedelta(seconds=seconds)
