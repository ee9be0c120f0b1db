r"""Owns stdout: UTF-8 always, nothing a terminal could obey, and quiet when nobody reads on.

Text is made safe wherever it goes. JSON is data, and goes out as it is; only for a terminal are
dangerous characters written as `\u` escapes, which leaves its value the same.
"""

from __future__ import annotations

import codecs
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import BinaryIO

from batchtui.cli.terminal import point_nowhere
from batchtui.domain.errors import StorageError
from batchtui.domain.text import UNSAFE, safe_text

_CHUNK = 100
_BREAKS = b"\r\n"
"""JSON allows these between tokens only, so they can be left out wherever they are."""


class Output:
    """Where the data of a command goes.

    Args:
        stream: takes bytes; None if stdout is closed, and then everything is dropped.
        columns: how wide the terminal is, in cells; None if it is not a terminal.
    """

    def __init__(self, stream: BinaryIO | None, columns: int | None) -> None:
        self.columns = columns
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    @property
    def is_terminal(self) -> bool:
        """Whether a person is reading."""
        return self.columns is not None

    @property
    def is_closed(self) -> bool:
        """Whether nobody reads on, so that what is still written is dropped."""
        return self._stream is None

    def text(self, text: str) -> None:
        """Write a line, or several."""
        self._write(safe_text(text).encode("utf-8", "replace") + b"\n")

    def script(self, text: str) -> None:
        """Write our own text to the letter, and what was typed as it was typed."""
        self._write(text.encode("utf-8", "surrogateescape"))

    def json(self, objects: Iterable[bytes]) -> None:
        """Write JSON objects, one a line."""
        pending = iter(objects)
        while chunk := list(islice(pending, _CHUNK)):
            self._write(self._lines(chunk))

    def foreign(self, data: bytes, *, is_json: bool) -> None:
        """Write bytes that came from elsewhere: the next part of a text, cut anywhere.

        Args:
            data: goes out to the letter, but to a terminal only what it cannot obey.
            is_json: whether escapes of JSON may stand for the rest, so that its value is the same.
        """
        if self.is_terminal:
            text = self._decoder.decode(data)
            data = (escape(text) if is_json else safe_text(text)).encode()
        self._write(data)

    def _lines(self, objects: Sequence[bytes]) -> bytes:
        lines = b"\n".join((*objects, b""))
        if b"\r" in lines or lines.count(b"\n") > len(objects):
            lines = b"".join(each.translate(None, _BREAKS) + b"\n" for each in objects)
        if lines.isascii() and not self.is_terminal:
            return lines
        # What a server put into fields that were never looked at need not even be UTF-8.
        text = lines.decode("utf-8", "replace")
        return (escape(text) if self.is_terminal else text).encode()

    def _write(self, data: bytes) -> None:
        """Write, unless the reader has gone; a verb that is at work then finishes all the same.

        Raises:
            StorageError: if the data cannot be written for another reason.
        """
        if self._stream is None:
            return
        try:
            self._stream.write(data)
            self._stream.flush()
        except BrokenPipeError:
            self._give_up(self._stream)
        except OSError as error:
            self._give_up(self._stream)
            raise StorageError(
                f"The output cannot be written: {error.strerror or type(error).__name__}"
            ) from None

    def _give_up(self, stream: BinaryIO) -> None:
        self._stream = None
        point_nowhere(stream)


def stdout() -> Output:
    """The stdout of this process, as it is now."""
    stream = sys.stdout
    if stream is None:
        return Output(None, None)
    stream.flush()
    return Output(stream.buffer, _columns() if stream.isatty() else None)


def escape(text: str) -> str:
    r"""JSON with everything a terminal could obey as `\u` escapes."""
    return UNSAFE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    return "".join(f"\\u{unit:04x}" for unit in _utf16(match[0]))


def _utf16(char: str) -> Iterator[int]:
    octets = char.encode("utf-16-be", "surrogatepass")
    return (int.from_bytes(octets[at : at + 2]) for at in range(0, len(octets), 2))


def _columns() -> int:
    wanted = os.environ.get("COLUMNS", "")
    if wanted.isascii() and wanted.isdigit() and int(wanted) > 0:
        return int(wanted)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
