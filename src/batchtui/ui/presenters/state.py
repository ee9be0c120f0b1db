"""How a batch stands, in one glyph, one word and one colour: one table for every screen."""

from __future__ import annotations

from typing import Final

import msgspec
from textual.content import Content

from batchtui.domain.batch import Outcome, Record
from batchtui.domain.job_record import JobRecord

QUIET: Final = "$text-muted"
"""The style of what need not be noticed."""

LOUD: Final = "bold $warning"
"""The style of what should be."""


class Look(msgspec.Struct, frozen=True):
    """What a state looks like; glyph and word say it without the colour."""

    glyph: str
    word: str
    style: str

    @property
    def content(self) -> Content:
        """Glyph and word, in their colour."""
        return Content.styled(f"{self.glyph} {self.word}", self.style)


LOOKS: Final = {
    Outcome.RUNNING: Look("●", "running", "$accent"),
    Outcome.CANCELING: Look("◐", "canceling", "$accent"),
    Outcome.SUCCEEDED: Look("✓", "succeeded", "$success"),
    Outcome.PARTIAL: Look("!", "partial", LOUD),
    Outcome.FAILED: Look("✗", "failed", "$error"),
    Outcome.EXPIRED: Look("◷", "expired", "$warning"),
    Outcome.CANCELED: Look("⊘", "canceled", QUIET),
    Outcome.EMPTY: Look("○", "empty", QUIET),
    Outcome.UNKNOWN: Look("?", "unknown", "$warning"),
}

LOST: Final = Look("?", "lost", QUIET)
"""A batch that was running when it was last seen, and is no longer on the server."""


SENDING: Final = Look("↑", "sending", "$accent")
"""A job of which somebody is sending what is unsent."""

STOPPED: Final = Look("‖", "stopped", LOUD)
"""A job of which nobody is sending what is unsent."""

UNSURE: Final = Look("?", "unsure", LOUD)
"""A job of which a part may have become a batch that is not known."""


def look(record: Record) -> Look:
    """How a batch or a job stands; one no longer on the server is quiet, however it ended."""
    if isinstance(record, JobRecord) and record.job.unsent:
        return UNSURE if record.unsure else SENDING if record.sending else STOPPED
    known = LOOKS[record.batch.outcome]
    if record.on_server:
        return known
    if record.batch.running:
        return LOST
    return msgspec.structs.replace(known, style=QUIET)


def mark(record: Record) -> str:
    """What became of the batch as a thing on the server: "" while it is simply there."""
    if record.deleted_at:
        return "deleted"
    if record.gone_at:
        return "not on server"
    return "archived" if record.batch.archived_at else ""
