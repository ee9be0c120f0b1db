"""Says in a sentence what has happened, whatever screen is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from batchtui.account.telling import Teller
from batchtui.domain.batch import Record
from batchtui.domain.errors import UnsupportedError
from batchtui.domain.happening import Happening
from batchtui.results.checks import Fetched
from batchtui.ui import fetch, submissions
from batchtui.ui.presenters.notices import (
    Severity,
    arrived_notice,
    download_notice,
    happened_notice,
)
from batchtui.ui.presenters.sending import sent_notice
from batchtui.ui.session import Session
from batchtui.ui.title import DEMO


class Say(Protocol):
    """Shows a sentence for a while."""

    def __call__(self, words: str, *, severity: Severity = "information") -> None:
        """Show it."""


class Announcer:
    """Tells the person of what happened.

    Args:
        session: what is known.
        say: shows a sentence.
        teller: tells of what happens to rows, beyond the screens.
    """

    def __init__(self, session: Session, say: Say, teller: Teller) -> None:
        self._session = session
        self._say = say
        self._teller = teller

    async def look(self, ended: Sequence[Record] = ()) -> None:
        """Tell what has happened to rows.

        Args:
            ended: batches that have just ended.
        """
        rows, ended_rows = list(self._session.rows.values()), self._session.ended_rows(ended)
        engine, teller = self._session.engine, self._teller
        self._happened(await engine.get(lambda: teller.look(rows, ended=ended_rows)))

    def _happened(self, told: Sequence[Happening]) -> None:
        if DEMO in self._session.title.modes:
            # It begins with some of everything, which is no news to anybody.
            told = [each for each in told if self._teller.is_new(each)]
        if told:
            severity, words = happened_notice(told)
            self._say(words, severity=severity)

    def download_ended(self, batch_id: str, end: fetch.End) -> None:
        """Say how a fetch ended, unless that was said when the server turned out to lack it."""
        if isinstance(end, UnsupportedError):
            return
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
