"""Result files made from bytes, and what becomes of them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from batchtui.domain.pricing import PriceTable
from batchtui.results.export.exporting import Format, export
from batchtui.results.export.pieces import Piece
from batchtui.results.opening import open_results_now
from batchtui.results.reader import ResultFile

Make = Callable[[bytes], ResultFile]


class Collected:
    """A sink that keeps what it is given."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []

    def write(self, piece: Piece) -> None:
        self.pieces.append(piece)

    @property
    def data(self) -> bytes:
        return b"".join(piece.data for piece in self.pieces)

    @property
    def files(self) -> dict[str, bytes]:
        named = {piece.name: piece.data for piece in self.pieces}
        assert len(named) == len(self.pieces)
        return named


def exported(
    file: ResultFile,
    kind: Format,
    numbers: Iterable[int] | None = None,
    prices: PriceTable | None = None,
) -> Collected:
    """What an export writes; by default of all lines."""
    sink = Collected()
    for _ in export(
        file, range(len(file)) if numbers is None else numbers, kind, sink, prices=prices
    ):
        pass
    return sink


def answer(custom_id: str, *blocks: object, **fields: object) -> bytes:
    """A succeeded line; blocks that are text stand for text blocks."""
    content = [{"type": "text", "text": each} if isinstance(each, str) else each for each in blocks]
    message = {"model": "claude-x", "content": content, "stop_reason": "end_turn", **fields}
    return line(custom_id, "succeeded", message=message)


def failure(custom_id: str, kind: str, message: str) -> bytes:
    """An errored line."""
    error = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}
    return line(custom_id, "errored", error=error)


def line(custom_id: str, kind: str, **fields: object) -> bytes:
    """A line of any type."""
    return json.dumps({"custom_id": custom_id, "result": {"type": kind, **fields}}).encode()


def deep(levels: int) -> bytes:
    """A line whose answer is nested so deeply, with a text before that."""
    nested = b'{"type":"x","a":' + b"[" * levels + b"]" * levels + b"}"
    content = b'[{"type":"text","text":"shallow"},' + nested + b"]"
    result = b'{"type":"succeeded","message":{"content":' + content + b"}}"
    return b'{"custom_id":"deep","result":' + result + b"}"


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes and opens a result file."""

    def make(data: bytes) -> ResultFile:
        path = tmp_path / "made.jsonl"
        path.write_bytes(data)
        return open_results_now(path)

    return make


def opened(path: Path, data: bytes) -> ResultFile:
    """The same where there can be no fixture."""
    path.write_bytes(data)
    return open_results_now(path)


def reading(text: str) -> io.StringIO:
    """Text with its line ends as they are."""
    return io.StringIO(text, newline="")
