"""What the API answers, from bytes to values, tolerant of everything but nonsense."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import msgspec

from batchtui.domain.batch import Sighting, decode_batch
from batchtui.domain.errors import BadReplyError

LARGEST_PAGE = 1000
"""The most batches the API gives at once (anthropic SDK, batch_list_params.py)."""


class Page(msgspec.Struct, frozen=True):
    """Some batches of the list, newest first.

    Attributes:
        sightings: the batches of this page.
        has_more: whether there are more in the direction asked for.
        first_id: cursor for newer batches (`before_id`); None on an empty page.
        last_id: cursor for older batches (`after_id`); None on an empty page.
        unreadable: entries of this page that are no batches and were left out.
    """

    sightings: tuple[Sighting, ...]
    has_more: bool = False
    first_id: str | None = None
    last_id: str | None = None
    unreadable: int = 0

    def next_after(self, asked: str | None) -> str | None:
        """The cursor to ask for what is older, if this was asked for with `asked`; None at the end.

        A server that gives the same cursor again would be asked for ever.
        """
        return self.last_id if self.has_more and self.last_id != asked else None


class _List(msgspec.Struct):
    data: list[msgspec.Raw]
    has_more: bool = False
    first_id: str | None = None
    last_id: str | None = None


class _Deleted(msgspec.Struct):
    id: str


Reply = TypeVar("Reply")

_ESCAPES = re.compile(
    rb"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
"""An escaped backslash, a surrogate pair, or (as its group) half of one."""

# A name that is not UTF-8 and nesting without end are not MsgspecErrors.
_NONSENSE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_list_decoder = msgspec.json.Decoder(_List)
_deleted_decoder = msgspec.json.Decoder(_Deleted)


def read_page(body: bytes) -> Page:
    """Read the answer to a list call; one bad entry does not lose the others.

    Raises:
        BadReplyError: if it is not a list at all.
    """
    try:
        reply = _decoded(_list_decoder.decode, body)
    except _NONSENSE:
        raise _bad("a list of message batches", body) from None
    sightings = []
    for entry in reply.data:
        try:
            sightings.append(Sighting(batch=decode_batch(entry), body=bytes(entry)))
        except _NONSENSE:
            continue
    # A gateway may leave the cursors out; the entries say the same.
    return Page(
        sightings=tuple(sightings),
        has_more=reply.has_more,
        first_id=reply.first_id or (sightings[0].batch.id if sightings else None),
        last_id=reply.last_id or (sightings[-1].batch.id if sightings else None),
        unreadable=len(reply.data) - len(sightings),
    )


def read_batch(body: bytes) -> Sighting:
    """Read the answer to a retrieve or cancel call.

    Raises:
        BadReplyError: if it is no message batch.
    """
    try:
        return _decoded(lambda text: Sighting(batch=decode_batch(text), body=text), body)
    except _NONSENSE:
        raise _bad("a message batch", body) from None


def _decoded(decode: Callable[[bytes], Reply], body: bytes) -> Reply:
    """Decode, and if that fails because of half a surrogate pair somewhere, without it.

    Many programs write such escapes and the decoder takes none, not even in fields nobody asks for.
    """
    try:
        return decode(body)
    except msgspec.DecodeError:
        mended = _ESCAPES.sub(lambda found: rb"\ufffd" if found[1] else found[0], body)
        if mended == body:
            raise
        return decode(mended)


def check_deleted(body: bytes) -> None:
    """Make sure that the answer to a delete call is one.

    Raises:
        BadReplyError: if it is anything else.
    """
    try:
        _deleted_decoder.decode(body)
    except _NONSENSE:
        raise _bad("word that the batch is deleted", body) from None


def read_date(header: str) -> datetime | None:
    """The moment a `Date` header names, in UTC; None if it names none."""
    try:
        moment = parsedate_to_datetime(header)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def check_results(first: bytes) -> None:
    """Make sure that a results download does not begin like a web page.

    Raises:
        BadReplyError: if it does.
    """
    if looks_like_html(first):
        raise _bad("results", first)


def looks_like_html(body: bytes) -> bool:
    """Whether this is a web page (of a proxy, a login wall) rather than JSON."""
    return body.lstrip()[:1] == b"<"


def _bad(wanted: str, body: bytes) -> BadReplyError:
    if not body.strip():
        got = "nothing"
    elif looks_like_html(body):
        got = "a web page"
    else:
        got = "something else"
    return BadReplyError(
        f"The server answered with {got} where {wanted} was expected",
        todo="Check that the base URL is that of a Message Batches API" if got != "nothing" else "",
        status=200,
    )
