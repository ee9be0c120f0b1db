"""Shows a sentence for a while, with the account it is about unless that is the one on screen."""

from __future__ import annotations

from typing import Any

from textual.app import App

from batchtui.domain.text import safe_line
from batchtui.ui.presenters.notices import Severity
from batchtui.ui.session import Session


def say(app: App[Any], session: Session, words: str, *, severity: Severity = "information") -> None:
    """Show a sentence, which may be foreign, about the account of a session."""
    named = words if session.shown else f"{session.title.name}: {words}"
    app.notify(safe_line(named), severity=severity, markup=False)
