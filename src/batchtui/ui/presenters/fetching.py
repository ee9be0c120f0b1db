"""What stands in the place of results that are not here, or not here yet."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from textual.content import Content
from textual.geometry import Size

from batchtui.domain.batch import ResultsState
from batchtui.domain.text import count, long_duration, safe_line, size
from batchtui.results.builder import Progress
from batchtui.ui.presenters.bars import percent, time_bar
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
    """

    progress: Progress | None = None
    seconds: float = 0.0
    waiting: str = ""


def arriving_briefly(arriving: Arriving) -> str:
    """How far a fetch has come, in a few words."""
    progress = arriving.progress
    if arriving.waiting:
        return safe_line(arriving.waiting, 80)
    if progress is None:
        return "…"
    expected = f" of {count(progress.expected_lines)}" if progress.expected_lines else ""
    return f"{count(progress.lines)}{expected}"


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
    leave = Content.styled("esc or x cancels it, and nothing half fetched is kept", QUIET)
    return [*lines, Content(""), leave]


def _so_far(progress: Progress, seconds: float, width: int) -> list[Content]:
    done, whole = progress.lines, progress.expected_lines or 0
    if progress.total_bytes:
        done, whole = progress.bytes, progress.total_bytes
    expected = f" of {count(progress.expected_lines)}" if progress.expected_lines else ""
    figures = [f"{count(progress.lines)}{expected} lines", size(progress.bytes)]
    if seconds > 0.5:
        figures.append(f"{size(progress.bytes / seconds)}/s")
        if 0 < done < whole:
            figures.append(f"about {long_duration(seconds * (whole - done) / done)} left")
    shown = [Content(" · ".join(figures))]
    if whole:
        bar = time_bar(done / whole, max(min(_BAR, width - 8), 0))
        shown.insert(0, Content.assemble((bar, "$accent"), f" {percent(done, whole):>5}"))
    return shown


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
        probably = f"Going by your past batches that is in about {long_duration(left)}."
    return _words(
        "There are no results yet.",
        "They come all at once when the batch has ended, and open here by themselves.",
        probably,
        f"It ends by {subject.said(record.batch.deadline)} at the latest.",
    )


def cancelled_words() -> list[Content]:
    """What a fetch leaves that was cancelled."""
    return _words("Cancelled; nothing was kept.", "f fetches them after all.")


def trouble_words(words: str) -> list[Content]:
    """Why results could not be had."""
    todo = Content.styled("f tries again", QUIET)
    return [Content.styled(safe_line(words), "$error"), Content(""), todo]


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
