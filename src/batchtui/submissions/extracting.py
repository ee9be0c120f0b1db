"""Takes chosen requests out of request files, streaming; their bytes stay but for what is set."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from batchtui.domain.errors import RequestFileError
from batchtui.submissions.lines import BLANK, first_offset, opened, pieces, split
from batchtui.submissions.settings import Settings
from batchtui.submissions.shapes import native, request_line


class Stretch(msgspec.Struct, frozen=True):
    """Whole lines of a request file.

    Attributes:
        start: the offset in bytes of the first.
        stop: the offset behind the last; None for the end of the file.
        first_line: the number of the first, from 1.
    """

    start: int = 0
    stop: int | None = None
    first_line: int = 1


WHOLE: Final = (Stretch(),)
"""All lines of a file."""


class Extract(msgspec.Struct, frozen=True):
    """A request taken out of a file: a line as the API takes it, without its line break."""

    custom_id: str
    line: bytes


class _Identified(msgspec.Struct, gc=False):
    custom_id: str


_identify: Final = msgspec.json.Decoder(_Identified).decode
_members: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def extract(
    path: Path, wanted: Container[str] | None, stretches: Sequence[Stretch] = WHOLE
) -> Iterator[Extract]:
    """Find requests by their custom_id, in the order of the file; for a thread.

    Args:
        path: the request file.
        wanted: the custom_ids; None for all requests. One that stands there twice comes twice.
        stretches: where to look, in order.

    Raises:
        RequestFileError: if the file cannot be read, or a line is none that could be sent.
    """
    for number, line in _lines(path, stretches):
        custom_id = _custom_id(line, number)
        if custom_id is not None and (wanted is None or custom_id in wanted):
            yield Extract(custom_id, native(line.strip(BLANK), number))


def custom_ids(
    path: Path, stretches: Sequence[Stretch] = WHOLE, *, also_unsendable: bool = False
) -> Iterator[str]:
    """The custom_ids of all requests, in the order of the file; for a thread.

    Args:
        path: the request file.
        stretches: where to look, in order.
        also_unsendable: whether lines count whose text is so broken that `extract` leaves them out.

    Raises:
        RequestFileError: if the file cannot be read.
    """
    for number, line in _lines(path, stretches):
        custom_id = _custom_id(line, number)
        if custom_id is None and also_unsendable and (request := request_line(line, number)):
            custom_id = request.custom_id
        if custom_id is not None:
            yield custom_id


def _custom_id(line: bytes, number: int) -> str | None:
    """That of the line, or the one that is made for it; None if it is no request."""
    with suppress(ValueError, RecursionError):
        return _identify(line).custom_id
    with suppress(ValueError, RecursionError, RequestFileError):
        return _identify(native(line, number)).custom_id
    return None


def _lines(path: Path, stretches: Sequence[Stretch]) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, with their numbers."""
    with opened(path) as fd:
        for stretch in stretches:
            number = stretch.first_line
            for piece in pieces(fd, stretch.start or first_offset(fd)):
                if stretch.stop is not None and piece.start >= stretch.stop:
                    break
                if piece.is_fragment:
                    number += piece.data.count(b"\n")
                    continue
                left = None if stretch.stop is None else stretch.stop - piece.start
                for line in split(piece.data[:left]):
                    if not line.isspace() and line:
                        yield number, line
                    number += 1


# Changes


def with_settings(line: bytes, settings: Settings) -> bytes:
    """A request with params set anew; the values of the others stay as they are, byte for byte.

    Args:
        line: as the API takes it.
        settings: what to set; a value `null` takes the param away.
    """
    if not settings:
        return line
    params = {**_params(line), **settings}
    gone = {name for name, value in settings.items() if bytes(value) == b"null"}
    return _changed(line, {name: params[name] for name in params if name not in gone})


class _Message(msgspec.Struct):
    content: msgspec.Raw
    container: msgspec.Raw = msgspec.Raw(b"null")


class _Result(msgspec.Struct):
    message: _Message


class _Answer(msgspec.Struct):
    result: _Result


class _Container(msgspec.Struct):
    id: str


def continued(line: bytes, answer: bytes) -> bytes:
    """The request that goes on where an answer paused: the answer is its last message.

    Args:
        line: the request that was answered, as the API takes it.
        answer: the line of the results; a container that it names is used on.

    Raises:
        ValueError: if either does not hold what it should.
    """
    message = msgspec.json.decode(answer, type=_Answer).result.message
    params = _params(line)
    messages = msgspec.json.decode(params.get("messages", b""), type=list[msgspec.Raw])
    turn = msgspec.json.encode({"role": "assistant", "content": message.content})
    params["messages"] = msgspec.Raw(msgspec.json.encode([*messages, msgspec.Raw(turn)]))
    if "container" not in params and bytes(message.container) != b"null":
        container = msgspec.json.decode(message.container, type=_Container)
        params["container"] = msgspec.Raw(msgspec.json.encode(container.id))
    return _changed(line, params)


def _params(line: bytes) -> dict[str, msgspec.Raw]:
    return _members(_members(line)["params"])


def _changed(line: bytes, params: Settings) -> bytes:
    return msgspec.json.encode({**_members(line), "params": params})
