"""What stands in the place of results that are not here, or not here yet."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from textual.content import Content
from textual.geometry import Size

from batchtui.domain.batch import ResultsState
from batchtui.domain.errors import BatchtuiError, UnsupportedError
from batchtui.domain.progress import time_bar
from batchtui.domain.text import count, long_duration, percent, safe_line, size
from batchtui.results.builder import Progress
from batchtui.ui.presenters.facts import Subject
from batchtui.ui.presenters.flow import Row, wrap
from batchtui.ui.presenters.state import LOUD, QUIET

_BAR = 40
_WIDEST = 76


class Arriving(msgspec.Struct, frozen=True):
    """A fetch under way.

    Attributes:
        seconds: since its first byte.
        waiting: why it waits, if it does.
        queued: whether others come first.
    """

    progress: Progress | None = None
    seconds: float = 0.0
    waiting: str = ""
    queued: bool = False


def arriving_briefly(arriving: Arriving) -> str:
    """How far a fetch has come, in a few words: share, bytes, rate and time left."""
    progress = arriving.progress
    if arriving.queued:
        return "waits its turn"
    if arriving.waiting:
        return safe_line(arriving.waiting, 80)
    if progress is None:
        return "…"
    done, whole = _share(progress)
    share = percent(done, whole) if whole else f"{count(progress.lines)} lines"
    return " · ".join([share, *_volume(progress, arriving.seconds)])


def arriving_line(arriving: Arriving, width: int) -> Content:
    """How far a fetch has come, on one line beside what is here by now."""
    progress = arriving.progress
    if arriving.waiting or progress is None:
        words = safe_line(arriving.waiting) or "asking the API…"
        return Content.styled(f" {words}", LOUD if arriving.waiting else QUIET).truncate(width)
    done, whole = _share(progress)
    share = f"{percent(done, whole)} " if whole else ""
    parts = [f" fetching {share}", _lines(progress), *_volume(progress, arriving.seconds)]
    line = parts[0] + " · ".join(parts[1:])
    while len(line) > width and len(parts) > 2:
        parts.pop()
        line = parts[0] + " · ".join(parts[1:])
    bar = time_bar(done / whole, min(_BAR, width - len(line) - 3)) if whole else ""
    return Content.assemble(line, (f"  {bar}", "$accent")).truncate(width)


def arriving_words(arriving: Arriving, width: int) -> list[Content]:
    """How far a fetch has come: share, lines, bytes, rate and time left."""
    progress = arriving.progress
    lines = [Content.styled("Fetching the results", "bold"), Content("")]
    if arriving.waiting:
        lines.append(Content.styled(safe_line(arriving.waiting), LOUD))
    elif progress is None:
        lines.append(Content.styled("asking the API…", QUIET))
    else:
        lines += _so_far(progress, arriving.seconds, width)
    words = "x cancels it, and nothing half fetched is kept; esc leaves it to go on"
    leave = Content.styled(words, QUIET)
    return [*lines, Content(""), leave]


def _so_far(progress: Progress, seconds: float, width: int) -> list[Content]:
    done, whole = _share(progress)
    shown = [Content(" · ".join([_lines(progress), *_volume(progress, seconds)]))]
    if whole:
        bar = time_bar(done / whole, max(min(_BAR, width - 8), 0))
        shown.insert(0, Content.assemble((bar, "$accent"), f" {percent(done, whole):>5}"))
    return shown


def _share(progress: Progress) -> tuple[int, int]:
    """How much of how much is here: of the bytes if it is known how many there are, else lines."""
    if progress.total_bytes:
        return progress.bytes, progress.total_bytes
    return progress.lines, progress.expected_lines or 0


def _lines(progress: Progress) -> str:
    expected = f" of {count(progress.expected_lines)}" if progress.expected_lines else ""
    return f"{count(progress.lines)}{expected} lines"


def _volume(progress: Progress, seconds: float) -> list[str]:
    """Bytes, and if it is no mere guess their rate and the time left."""
    total = f" of {size(progress.total_bytes)}" if progress.total_bytes else ""
    figures = [f"{size(progress.bytes)}{total}"]
    if seconds > 0.5:
        figures.append(f"{size(progress.bytes / seconds)}/s")
        done, whole = _share(progress)
        if 0 < done < whole:
            figures.append(f"about {long_duration(seconds * (whole - done) / done)} left")
    return figures


def absence_words(subject: Subject | None, *, offline: bool) -> list[Content]:
    """Why there are no results to read, and whether there will be."""
    if subject is None:
        return _words("Nothing is known of this batch.")
    record = subject.record
    gone = subject.said(record.batch.results_expire_at)
    match record.results(subject.now):
        case ResultsState.NONE if record.running:
            return _running(subject)
        case ResultsState.NONE:
            return _words("This batch has no results.")
        case ResultsState.GONE if not record.on_server:
            what = "deleted" if record.deleted_at else "no longer on the server"
            why = f"The batch is {what}, and its results had not been fetched."
            return _words("The results are gone.", why)
        case ResultsState.GONE:
            why = f"The API drops them 29 days after a batch was created: {gone}."
            return _words("The results are gone.", why)
        case _ if offline:
            return _words("The results are not here, and batchtui is offline.")
        case _:
            what = f"f fetches them; the API has them until {gone}."
            return _words("The results are not here.", what)


def _running(subject: Subject) -> list[Content]:
    record, forecast = subject.record, subject.forecast
    probably = ""
    if forecast and forecast.end:
        left = forecast.end - record.batch.elapsed(subject.now).total_seconds()
        latest = (record.batch.deadline - subject.now).total_seconds()
        if left <= latest:
            probably = f"Going by your past batches that is in about {long_duration(left)}."
    return _words(
        "There are no results yet.",
        "They come all at once when the batch has ended, and open here by themselves.",
        probably,
        f"It ends by {subject.said(record.batch.deadline)} at the latest.",
    )


def cancelled_words() -> list[Content]:
    """What a fetch leaves that was cancelled."""
    return _words("Stopped; nothing was kept.", "f fetches them after all.")


def trouble_words(error: BatchtuiError) -> list[Content]:
    """Why results could not be had, and what to do about it."""
    words = [Content.styled(safe_line(str(error)), "$error")]
    if not isinstance(error, UnsupportedError):
        words += [Content(""), Content.styled("f tries again", QUIET)]
    return words


def centered(name: str, words: Sequence[Content], size: Size) -> list[Content]:
    """Words in the middle of an empty screen, under the name of the batch if there is room."""
    width, height = size
    rows = wrap((Row(line) for line in words), max(min(width - 2, _WIDEST), 1))
    lines = [line.pad_left((width - line.cell_length) // 2) for line in rows]
    above = [Content.styled(f" {name}", QUIET)] if height > len(lines) + 2 else []
    above += [Content("")] * ((height - len(lines)) // 2 - len(above))
    return [*above, *lines]


def _words(first: str, *others: str) -> list[Content]:
    quiet = [Content.styled(words, QUIET) for words in others if words]
    return [Content.styled(first, "bold"), Content(""), *quiet]
