"""What is said for a while of what came, and of what went wrong with it."""

from __future__ import annotations

from pathlib import Path

from batchtui.results.checks import Fetched
from batchtui.ui.presenters.notices import download_notice


def test_what_is_odd_about_results_is_told_in_sentences() -> None:
    odd = ("The API counted 2 succeeded, the file has 1", "Unreadable lines: 1")
    fetched = Fetched(Path("x.jsonl"), 2000, 3, {"succeeded": 1}, (), (), odd)
    assert download_notice("nightly", fetched) == (
        "warning",
        "The results of nightly are here: 3 lines, 2.0 kB. "
        "The API counted 2 succeeded, the file has 1. Unreadable lines: 1.",
    )
