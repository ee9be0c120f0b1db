"""Parquet: the columns of a table with their types, in groups of rows; needs pyarrow."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

from batchtui.domain.errors import UsageError
from batchtui.domain.pricing import PriceTable
from batchtui.results.export.pieces import Piece, batches, utf8
from batchtui.results.export.table import COLUMNS, TOKENS, TableRow, table_row
from batchtui.results.reader import ResultFile

_GROUP = 4 * 1024 * 1024
"""Bytes of text after which a group of rows is full: few, because all of them are in memory."""


def require() -> None:
    """Find out whether Parquet can be written.

    Raises:
        UsageError: if pyarrow is not installed.
    """
    try:
        import_module("pyarrow.parquet")
    except ImportError:
        raise UsageError(
            "Parquet needs pyarrow, which is not installed",
            todo="Install it with `pip install 'batchtui[parquet]'`",
        ) from None


def pieces(
    file: ResultFile, numbers: Iterable[int], prices: PriceTable | None = None
) -> Iterator[Piece]:
    """The lines with these numbers, in the order given.

    Raises:
        UsageError: if pyarrow is not installed.
    """
    require()
    arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    schema = arrow.schema([(name, _kind(arrow, name)) for name in COLUMNS])
    written = _Written()
    writer = parquet.ParquetWriter(written, schema, compression="zstd")
    rows: list[tuple[object, ...]] = []
    size = 0
    for batch in batches(file, numbers):
        for number in batch:
            row = _plain(table_row(file, number, prices))
            size += sum(len(each) for each in row if isinstance(each, bytes))
            rows.append(row)
        if size >= _GROUP:
            _write(arrow, writer, schema, rows)
            rows, size = [], 0
        yield Piece(len(batch), written.take())
    if rows:
        _write(arrow, writer, schema, rows)
    writer.close()
    yield Piece(0, written.take())


def _kind(arrow: Any, column: str) -> Any:
    if column in TOKENS:
        return arrow.int64()
    return arrow.float64() if column == "cost_usd" else arrow.string()


def _plain(row: TableRow) -> tuple[object, ...]:
    *words, tokens, cost, text = row
    return (*map(utf8, words), *tokens, cost, utf8(text))


def _write(arrow: Any, writer: Any, schema: Any, rows: list[tuple[object, ...]]) -> None:
    columns = zip(*rows, strict=True)
    arrays = [arrow.array(column, kind) for column, kind in zip(columns, schema.types, strict=True)]
    writer.write_table(arrow.Table.from_arrays(arrays, schema=schema), row_group_size=len(rows))


class _Written(io.RawIOBase):
    """A file in memory that is emptied now and then."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._taken = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._data += data
        return memoryview(data).nbytes

    def tell(self) -> int:
        return self._taken + len(self._data)

    def take(self) -> bytes:
        """What was written since the last time."""
        data = bytes(self._data)
        self._taken += len(data)
        self._data.clear()
        return data
