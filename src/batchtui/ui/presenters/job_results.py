"""What is said of a job's results: how complete they are, and where each comes from."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from batchtui.account.merging import Merged, standing_words
from batchtui.domain.text import count, crop_middle, safe_line
from batchtui.ui.presenters.state import QUIET


def place_title(where: str, merged: Merged | None, number: int) -> Content:
    """Where in a list a line is, and of a job's results which batch and round it is from."""
    if merged is None:
        return Content(where)
    part = merged.origin(number)
    words = [where] if where else []
    words.append(f"batch {count(part.number)} of {count(merged.batches)}")
    words += [f"sent again in round {count(part.round)}"] if part.round else []
    words.append(crop_middle(safe_line(part.batch_id), 20))
    return Content.styled(" · ".join(words), QUIET)


def job_warnings(merged: Merged) -> tuple[str, ...]:
    """What is missing of a job's results, as sentences; none if nothing is."""
    words = list(standing_words(merged))
    if merged.missing and words:
        words[0] += f": {missing_words(merged)}"
    return tuple(words)


def missing_words(merged: Merged) -> str:
    """How many requests have no answer here for which reason."""
    return "; ".join(each.words for each in merged.missing)


def no_results_words(merged: Merged) -> Sequence[Content]:
    """What stands in the place of a job's results while none are here."""
    first = Content.styled("No results of this job are here yet.", "bold")
    lines = [Content.styled(f"{each.words}", QUIET) for each in merged.missing]
    opens = "Those of each batch open here by themselves when it has ended."
    return [first, Content(""), *lines, Content(""), Content.styled(opens, QUIET)]
