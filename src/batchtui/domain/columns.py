"""The columns that the list of batches can have, by the name they have in `config.toml`."""

from __future__ import annotations

from typing import Final

COLUMN_WORDS: Final = {
    "state": "state, as a sign and a word",
    "glyph": "state, as a sign alone",
    "name": "label, name of the job, or id",
    "id": "id, where the name is another",
    "age": "how long ago it was created",
    "created": "when it was created",
    "ended": "when processing ended",
    "took": "how long processing took or has taken",
    "progress": "how far it is: counts, or time against the forecast",
    "requests": "how many requests it has",
    "bad": "how many did not succeed",
    "succeeded": "how many succeeded",
    "errored": "how many failed",
    "canceled": "how many were canceled",
    "expired": "how many expired",
    "next": "the deadline that comes next, or where the results are",
    "cost": "what it cost; known of results that are here",
    "note": "the beginning of its note",
}
"""What each of them says."""
