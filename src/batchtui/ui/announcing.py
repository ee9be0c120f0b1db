"""Says in a sentence what has ended, whatever screen is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from batchtui.account.events import Changed
from batchtui.domain.changes import What
from batchtui.results.checks import Fetched
from batchtui.ui import fetch, submissions
from batchtui.ui.presenters.notices import Severity, arrived_notice, download_notice, ended_notice
from batchtui.ui.presenters.sending import sent_notice
from batchtui.ui.session import Session


class Say(Protocol):
    """Shows a sentence for a while."""

    def __call__(self, words: str, *, severity: Severity = "information") -> None:
        """Show it."""


class Announcer:
    """Tells the person of what ended.

    Args:
        session: what is known.
        say: shows a sentence.
        ring: the bell; None if there is to be none.
    """

    def __init__(self, session: Session, say: Say, ring: Callable[[], None] | None) -> None:
        self._session = session
        self._say = say
        self._ring = ring

    def batches_ended(self, event: Changed) -> None:
        """Say which batches and jobs have ended that were seen running."""
        ended = (each.record for each in event.changes if each.what is What.ENDED)
        if rows := self._session.ended_rows(ended):
            severity, words = ended_notice(rows)
            self._say(words, severity=severity)
            if self._ring:
                self._ring()

    def download_ended(self, batch_id: str, end: fetch.End) -> None:
        """Say how a fetch ended."""
        severity, words = download_notice(self._called(batch_id), end)
        self._say(words, severity=severity)

    def results_arrived(self, arrived: Mapping[str, Fetched]) -> None:
        """Say whose results simply came."""
        self._say(arrived_notice([self._called(each) for each in arrived], list(arrived.values())))

    def submission_ended(self, job_id: str, end: submissions.End) -> None:
        """Say how far a job was sent."""
        severity, words = sent_notice(self._session.jobs[job_id], end)
        self._say(words, severity=severity)

    def _called(self, batch_id: str) -> str:
        record = self._session.record(batch_id)
        return record.name if record else batch_id
