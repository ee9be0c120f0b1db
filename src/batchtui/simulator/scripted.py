"""The work of a batch nobody sent: every line is a cheap pure function of (key, index).

Lines are put together from fragments encoded beforehand, so a file of any length streams in
constant memory, and faster than a client can read it.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import msgspec
from msgspec.structs import replace

from batchtui.simulator.blocks import Exhibit
from batchtui.simulator.chance import MASK, identifier, mix, rng_of, shuffle_of
from batchtui.simulator.lifecycle import Leftover
from batchtui.simulator.message import encode, message_of, tokens_of
from batchtui.simulator.pieces import in_pieces
from batchtui.simulator.prose import Theme
from batchtui.simulator.showcase import EXHIBITS

EXHIBIT_EVERY = 12
OTHER_MODEL_EVERY = 8
COPIES = 9
_STRIDE = 0x9E3779B97F4A7C15
_CACHED = ((2048, 0), (0, 2048), (0, 2048), *(((0, 0),) * 5))
"""Tokens written to the cache and read from it, for eight answers."""
_MODEL = b'{"model":"'
_NAME = b'","id":"'
_CONTENT = b'","type":"message","role":"assistant","content":'
_PARAGRAPH = rb"\n\n"
_USAGE = (
    b'","citations":null}],"container":null,"stop_reason":"end_turn","stop_sequence":null,'
    b'"stop_details":null,"usage":{"input_tokens":%d,"cache_creation_input_tokens":%d,'
    b'"cache_read_input_tokens":%d,"cache_creation":{"ephemeral_5m_input_tokens":%d,'
    b'"ephemeral_1h_input_tokens":0},"output_tokens":%d,"output_tokens_details":%s,'
    b'"server_tool_use":null,"service_tier":"batch","inference_geo":"%s","speed":"standard"},'
    b'"diagnostics":null}}}'
)

ERRORS: tuple[tuple[str, str, bool], ...] = (
    ("invalid_request_error", "messages: at least one message is required", False),
    ("overloaded_error", "Overloaded", True),
    ("api_error", "Internal server error", True),
    (
        "invalid_request_error",
        "Unable to download the file. Please verify the URL and try again.",
        False,
    ),
    ("rate_limit_error", "This request would exceed your organization's rate limit.", True),
    ("invalid_request_error", "prompt is too long: 214806 tokens > 200000 maximum", False),
    ("timeout_error", "The request took too long to process.", True),
    ("not_found_error", "model: claude-does-not-exist-9", False),
    ("billing_error", "Your credit balance is too low to access the API.", False),
    ("permission_error", "Your API key does not have permission to use this model.", False),
    ("authentication_error", "API key is invalid.", False),
)
"""Type, message, and whether a worker (rather than validation) failed: what lines can end in."""


class Fragments(msgspec.Struct, frozen=True):
    """Encoded pieces of the answers of one theme; text pieces come with their token counts."""

    openings: list[tuple[bytes, int]]
    bodies: list[list[tuple[bytes, int]]]
    closings: list[tuple[bytes, int]]
    content_starts: list[bytes]
    exhibits: list[tuple[bytes, bytes]]
    letters: list[bytes]


class Scripted(msgspec.Struct, frozen=True):
    """`total` requests of one theme, `errored` of which come back errored.

    Attributes:
        key: Sets this batch apart from every other.
        errors: Which of `ERRORS` its errored lines show; empty for all.
        numbers: Those in the custom_ids, ascending; empty for the first `total`.
    """

    key: int
    theme: Theme
    total: int
    errored: int = 0
    errors: tuple[int, ...] = ()
    numbers: Sequence[int] = ()

    def errored_before(self, turn: int) -> int:
        """Errors are spread evenly over the order of processing."""
        return self.errored * turn // self.total if self.total else 0

    def expired_before(self, turn: int) -> int:
        """None expires before its time."""
        return 0

    def lines(self, processed: int, leftover: Leftover) -> Iterator[bytes]:
        """The result file in pieces; every other batch lacks the last newline."""
        return in_pieces(self._lines(processed, leftover), last_newline=self.key & 1 == 1)

    def _lines(self, processed: int, leftover: Leftover) -> Iterator[bytes]:
        order = shuffle_of(self.total, self.key, "order")
        turns = shuffle_of(self.total, self.key, "turns")
        write_answer = _answers(self.theme, self.key)
        write_error = _errors(self.key, self.errors)
        rest = b'","result":{"type":"%s"}}' % leftover.encode()
        prefix = self.theme.prefix.encode()
        numbers = self.numbers or range(self.total)
        total, errored = self.total, self.errored
        for place in range(total):
            index = order(place)
            turn = turns(index)
            custom_id = b"%s-%05d" % (prefix, numbers[index])
            if turn >= processed:
                yield b'{"custom_id":"%s%s' % (custom_id, rest)
            elif errored * (turn + 1) // total > errored * turn // total:
                yield write_error(custom_id, index)
            else:
                yield write_answer(custom_id, index)


@lru_cache(maxsize=64)
def _fragments(theme: Theme) -> Fragments:
    chance = rng_of(theme.prefix)

    def filled(templates: tuple[str, ...], copies: int) -> list[tuple[bytes, int]]:
        texts = (
            template.format(
                subject=chance.choice(theme.subjects),
                place=chance.choice(theme.places),
                count=chance.randint(3, 48),
            )
            for template in templates
            for _ in range(copies)
        )
        return [(_inside_string(text), tokens_of(text)) for text in texts]

    starts = [b'[{"type":"text","text":"']
    if theme.thinks:
        thoughts = (
            "The question is narrow, so the answer can be short.",
            "Check the numbers first, then the wording. The numbers agree with the source.",
        )
        starts = [
            b'[{"type":"thinking","thinking":"%s","signature":"EqQBCkYIBxgC"},'
            b'{"type":"text","text":"' % _inside_string(thought)
            for thought in thoughts
        ]
    return Fragments(
        openings=filled(theme.openings, 4),
        bodies=[filled((body,), COPIES) for body in theme.bodies],
        closings=filled(theme.closings, 2),
        content_starts=starts,
        exhibits=[_around_id(theme, exhibit) for exhibit in EXHIBITS],
        letters=[identifier("", "letters", number)[2:6].encode() for number in range(4096)],
    )


def _inside_string(text: str) -> bytes:
    return json.dumps(text, ensure_ascii=False)[1:-1].encode()


def _around_id(theme: Theme, exhibit: Exhibit) -> tuple[bytes, bytes]:
    """One exhibit, encoded, cut where its message id goes."""
    exhibit = replace(exhibit, usage={"inference_geo": theme.inference_geo, **exhibit.usage})
    whole = encode(message_of(exhibit, model=theme.model, message_id="\x00"))
    before, after = whole.split(rb"\u0000")
    return before, after


def _answers(theme: Theme, key: int) -> Callable[[bytes, int], bytes]:
    """A writer of succeeded lines: `(custom_id, index) -> line`."""
    made = _fragments(theme)
    openings, bodies, closings = made.openings, made.bodies, made.closings
    starts, letters, exhibits = made.content_starts, made.letters, made.exhibits
    least, greatest = theme.paragraphs
    spread = greatest - least + 1
    model, geo = theme.model.encode(), theme.inference_geo.encode()
    others = [name.encode() for name in theme.others] or [model]
    details = b'{"thinking_tokens":14}' if theme.thinks else b"null"

    def write(custom_id: bytes, index: int) -> bytes:
        dice = mix((index + 1) * _STRIDE + key & MASK)
        name = b"msg_01%s%s%s%s%s" % (
            letters[dice & 4095],
            letters[dice >> 12 & 4095],
            letters[dice >> 24 & 4095],
            letters[dice >> 36 & 4095],
            letters[dice >> 48 & 4095],
        )
        head = b'{"custom_id":"%s","result":{"type":"succeeded","message":' % custom_id
        if index % EXHIBIT_EVERY == EXHIBIT_EVERY - 1:
            before, after = exhibits[index // EXHIBIT_EVERY % len(exhibits)]
            return b"%s%s%s%s}}" % (head, before, name, after)
        text, tokens = openings[dice % len(openings)]
        other = index % OTHER_MODEL_EVERY == 0
        writer = others[(dice >> 4) % len(others)] if other else model
        parts = [head, _MODEL, writer, _NAME, name, _CONTENT, starts[dice % len(starts)], text]
        # A different template each time, each in one of its copies.
        first, roll = (dice >> 8) % len(bodies), dice
        for step in range(least + (dice >> 20) % spread):
            roll = roll * 0xD1342543DE82EF95 + 1 & MASK
            text, count = bodies[first - step][(roll >> 33) % COPIES]
            tokens += count
            parts += (_PARAGRAPH, text)
        text, count = closings[(dice >> 40) % len(closings)]
        # The prompts begin alike; who comes first writes that to the cache, others read it.
        written, cached = _CACHED[dice >> 50 & 7]
        given = 180 + (dice >> 44 & 1023)
        usage = _USAGE % (given, written, cached, written, tokens + count, details, geo)
        parts += (_PARAGRAPH, text, usage)
        return b"".join(parts)

    return write


def _errors(key: int, chosen: tuple[int, ...]) -> Callable[[bytes, int], bytes]:
    """A writer of errored lines; the first of the errors are the usual ones."""
    kinds = chosen or (*range(len(ERRORS)), 0, 0, 0, 1, 1, 2)
    bodies = [_error_body(*ERRORS[kind]) for kind in kinds]

    def write(custom_id: bytes, index: int) -> bytes:
        dice = mix((index + 1) * _STRIDE + key & MASK)
        body, by_worker = bodies[dice % len(bodies)]
        request_id = b'"workerreq_01%016x"' % dice if by_worker else b"null"
        return b'{"custom_id":"%s",%s%s}}}' % (custom_id, body, request_id)

    return write


def _error_body(kind: str, message: str, by_worker: bool) -> tuple[bytes, bool]:
    error = {"details": {"error_visibility": "user_facing"}, "type": kind, "message": message}
    body = b'"result":{"type":"errored","error":{"type":"error","error":%s,"request_id":'
    return body % encode(error), by_worker
