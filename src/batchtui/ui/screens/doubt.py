"""The questions that a submission raises: what became of a part, and whether to leave meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.app import App

from batchtui.account.reconciling import Doubt
from batchtui.ui.presenters.doubt import doubt_question, leave_question
from batchtui.ui.screens.asking import AskScreen
from batchtui.ui.session import Session
from batchtui.ui.submissions import Answer


def ask_what_became(app: App[Any], session: Session, doubt: Doubt, answer: Answer) -> None:
    """Have a person decide what became of a part of a job; esc leaves it open."""
    question, decisions = doubt_question(doubt, session.now(), session.title.where)
    app.bell()
    app.push_screen(
        AskScreen(question), lambda place: answer(decisions[-1 if place is None else place])
    )


def ask_whether_to_leave(app: App[Any], sessions: Sequence[Session]) -> None:
    """Leave the app if a person agrees to what that means for the jobs that are being sent.

    Args:
        app: to leave.
        sessions: those that are sending.
    """
    jobs = {}
    for session in sessions:
        keys = session.submissions.keys
        jobs[session.title.where] = [job for job in session.jobs.values() if job.key in keys]

    def leave(place: int | None) -> None:
        if place == 0:
            app.exit(0)

    app.push_screen(AskScreen(leave_question(jobs)), leave)
