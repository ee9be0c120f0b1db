"""The `hostile` world: every foreign field holds what must never reach a terminal unfiltered.

Batches with odd ids, fields and states, and result lines with odd ids, messages, blocks and types.
Half of everything travels as JSON escapes, the other half as raw as JSON allows.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache

import msgspec

from batchtui.simulator.blocks import Block, Exhibit, text, thinking, tool_use
from batchtui.simulator.chance import identifier, key_of
from batchtui.simulator.lifecycle import Leftover, Plan, Work
from batchtui.simulator.message import encode, message_of
from batchtui.simulator.pieces import in_pieces
from batchtui.simulator.prose import TICKETS
from batchtui.simulator.scripted import Scripted

CONTROLS = (
    "\x1b[31mred\x1b[0m",
    "\x1b]0;a new title\x07",
    "\x1b]52;c;cHduZWQ=\x07",
    "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "\x1b[2J\x1b[Hcleared",
    "\x1b[?1049l\x1b[?1003h\x1bc",
    "\x1bP$q\x1b\\\x1b_apc\x1b\\\x1b^pm\x1b\\",
    "\x9b31m C1 \x9d0;title\x9c\x85\x90",
    "bell\x07 back\x08\x08\x08 null\x00 del\x7f",
    "over\rwritten\x0b\x0c\ttab",
)
MARKUP = (
    "[@click=app.quit]x[/]",
    "[/]",
    "[bold red]not bold[/bold red]",
    "[link=https://evil.example]x[/link]",
    "[@click=app.bell()]",
    "\\[x] [[x]] [$primary]",
    "# not a heading\n<script>alert(1)</script>",
)
UNICODE = (
    "abc\u202edcba\u202c",
    "\u2066isolated\u2069 \u200f\u200e\u061c",
    "Z" + "\u0351\u0307\u0489" * 120,
    "漢字かな交じり文 ｗｉｄｅ",
    "👩‍👩‍👧‍👦🏳️‍🌈👍🏽🇵🇹",
    "zero\u200bwidth\u200d\u2060\ufeff",
    "line\u2028separators\u2029and\u0085next",
    "\ue000private\uf8ff \ufffe\uffff",
    "lone \ud800 surrogate \udfff",
    "tags \U000e0041\U000e007f variation \ufe0f\ufe0e",
)
FORMULAS = ("=cmd|'/c calc'!A1", "+1+1", "-2", "@SUM(A1)", "../../etc/passwd", "con", "a\nb", "")
TEXTS = CONTROLS + MARKUP + UNICODE + FORMULAS

HUGE = 3_000_000
"""Characters of the longest line."""

IDS = (
    "msgbatch_\x1b]0;owned\x07",
    "msgbatch_\x1b[2J\x9b31m",
    "msgbatch_[@click=app.quit]x[/]",
    "msgbatch_[/]",
    "msgbatch_\u202etxt.exe",
    "msgbatch_Z" + "\u0351\u0489" * 40,
    "../../../tmp/owned",
    "msgbatch_with/slash",
    "msgbatch_with space?and=query#fragment%2F",
    "msgbatch_漢字👩‍👩‍👧‍👦",
    "msgbatch_line\nbreak\r\ttab",
    "msgbatch_" + "long" * 60,
    "-rf",
    "'; DROP TABLE batches; --",
)


def hostile(start: datetime, seed: int, size: int) -> list[Plan]:
    """One batch for each odd id and each odd field; the ended ones have hostile results."""
    odd_ids = [
        _plan(batch_id, start - timedelta(hours=2 + number), HostileWork(key_of(batch_id)))
        for number, batch_id in enumerate(IDS)
    ]
    odd_fields = [
        _plan(
            identifier("msgbatch_", seed, "hostile", number),
            start - timedelta(minutes=1 + number * 7),
            work,
            overlay,
        )
        for number, (work, overlay) in enumerate(_overlays())
    ]
    return odd_ids + odd_fields


def _plan(
    batch_id: str, created_at: datetime, work: Work, overlay: dict[str, object] | None = None
) -> Plan:
    return Plan(batch_id, created_at, timedelta(minutes=5), work, overlay=overlay or {})


def _overlays() -> list[tuple[Work, dict[str, object]]]:
    """Work, and what is laid over the batch object."""
    some = Scripted(7, TICKETS, 40, 3)
    none = Scripted(8, TICKETS, 0)
    extra = {f"unknown_{number}{value}": value for number, value in enumerate(TEXTS)}
    return [
        (some, {"processing_status": "\x1b[5mpondering[/]"}),
        (some, {"processing_status": "validating"}),
        (some, {"type": "message_batch_v2", **extra}),
        (some, {"nested": {"deep": [{"deeper": list(TEXTS)}]}, "metadata": {TEXTS[0]: TEXTS[1]}}),
        (none, {}),
        (some, {"results_url": "http://127.0.0.1:9/v1/messages/batches/elsewhere/results"}),
        (some, {"results_url": "\x1b]0;url\x07 file:///etc/passwd"}),
        (some, {"request_counts": {"processing": 2**53, "succeeded": 0, "errored": 0}}),
        (some, {"request_counts": {"processing": -1, "paused\x1b[31m": 3, "succeeded": 10**15}}),
        (some, {"created_at": "0001-01-01T00:00:00Z", "expires_at": "9999-12-31T23:59:59Z"}),
        (some, {"ended_at": "2262-04-12T00:00:00.000000+00:00"}),
        (HostileWork(9), {}),
    ]


class HostileWork(msgspec.Struct, frozen=True):
    """Requests that all come back, in the worst possible shape."""

    key: int

    @property
    def total(self) -> int:
        """As many as there are odd lines."""
        return len(_cases())

    def errored_before(self, turn: int) -> int:
        """The errored lines come first in processing order."""
        return min(turn, sum(result["type"] == "errored" for _, result in _cases()))

    def expired_before(self, turn: int) -> int:
        """None expires before its time."""
        return 0

    def lines(self, processed: int, leftover: Leftover) -> Iterator[bytes]:
        """The odd lines, by turns escaped and raw."""
        lines = (
            encode({"custom_id": custom_id, "result": result}, escape=number % 2 == 0)
            for number, (custom_id, result) in enumerate(_cases())
        )
        return in_pieces(lines, last_newline=True)


@cache
def _cases() -> list[tuple[str, Block]]:
    """Custom_id and result of every line."""
    errored = [(words or "empty", _errored(words)) for words in TEXTS]
    return errored + [
        (f"{words}#{number}", result)
        for number, (words, result) in enumerate(zip(TEXTS * 2, _results(), strict=False))
    ]


def _errored(words: str) -> Block:
    error = {"type": "api_error" + words, "message": words, "details": {words: words}}
    return {"type": "errored", "error": {"type": "error", "error": error, "request_id": words}}


def _results() -> list[Block]:
    """Succeeded and stranger results, the huge one last."""
    everything = "".join(TEXTS)
    wild: Block = {"type": "hologram" + CONTROLS[0], "data": list(TEXTS), MARKUP[0]: CONTROLS[1]}
    messages = [
        *([text(words)] for words in TEXTS),
        [thinking(everything), text(everything, [{"type": "odd" + CONTROLS[0], "cited_text": ""}])],
        [tool_use(1, everything, {words: words for words in TEXTS})],
        [wild],
        [],
        [text("x" * 200_000)],
        [text("\n" * 5_000)],
        [text("A" * HUGE)],
    ]
    odd: list[Block] = [
        {"type": "postponed" + CONTROLS[0], "until": MARKUP[0]},
        {"type": "succeeded", "message": {"content": "not a list", "usage": None}},
        {"type": "errored", "error": CONTROLS[0]},
        {"type": ""},
    ]
    return [*odd, *(_succeeded(content) for content in messages)]


def _succeeded(content: list[Block]) -> Block:
    exhibit = Exhibit(content, "bored" + MARKUP[0] if not content else "end_turn")
    model = "claude-" + CONTROLS[0] if len(content) > 1 else "claude-opus-5-5"
    message = message_of(exhibit, model=model, message_id="msg_" + CONTROLS[1])
    return {"type": "succeeded", "message": message}
