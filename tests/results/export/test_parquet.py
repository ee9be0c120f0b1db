from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest

from batchtui.domain.errors import UsageError
from batchtui.domain.pricing import Price, PriceTable
from batchtui.results.export import parquet
from batchtui.results.export.exporting import Format, open_target
from batchtui.results.export.table import COLUMNS
from tests.results.export.conftest import Make, answer, deep, exported, failure

PRICES = PriceTable("2026-01-01", {"claude-x": (Price(1e6, 0, 0, 0, 0),)}, web_search=0.0)


def read(data: bytes) -> Any:
    return pytest.importorskip("pyarrow.parquet").ParquetFile(io.BytesIO(data))


def test_without_pyarrow_it_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Make
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(UsageError, match=r"pip install 'batchtui\[parquet\]'"):
        open_target(tmp_path / "a.parquet", Format.PARQUET)
    with make(answer("a", "x")) as file, pytest.raises(UsageError, match="not installed"):
        exported(file, Format.PARQUET)
    assert not (tmp_path / "a.parquet").exists()


def test_a_line_is_a_row_with_types(make: Make) -> None:
    pytest.importorskip("pyarrow")
    usage = {"input_tokens": 2, "output_tokens": 1}
    lines = [
        answer("a", "=one \x1b[2J\ud800", usage=usage),
        failure("b", "overloaded_error", "Overloaded"),
        answer("c", model="martian"),
        b"garbage",
        deep(10_000),
    ]
    with make(b"\n".join(lines)) as file:
        table = read(exported(file, Format.PARQUET, prices=PRICES).data).read()
    assert tuple(table.column_names) == COLUMNS
    rows = table.to_pylist()
    assert rows[0]["text"] == "=one \x1b[2J\ufffd"
    assert (rows[0]["input_tokens"], rows[0]["cost_usd"]) == (2, 2.0)
    assert (rows[1]["input_tokens"], rows[1]["error_message"]) == (None, "Overloaded")
    assert rows[2]["cost_usd"] is None
    assert rows[4]["type"] == "unreadable"


def test_rows_are_written_in_groups(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyarrow")
    monkeypatch.setattr(parquet, "_GROUP", 10_000)
    with make(b"\n".join(answer(str(number), "x" * 1000) for number in range(100))) as file:
        found = exported(file, Format.PARQUET)
    written = read(found.data)
    assert written.num_row_groups > 3
    assert written.metadata.num_rows == 100
    assert sum(piece.lines for piece in found.pieces) == 100


def test_no_lines_are_a_table_without_rows(make: Make) -> None:
    pytest.importorskip("pyarrow")
    with make(b"") as file:
        assert read(exported(file, Format.PARQUET).data).metadata.num_rows == 0
