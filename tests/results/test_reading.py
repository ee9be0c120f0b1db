from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batchtui.domain.errors import ResultsError
from batchtui.domain.result import Usage
from batchtui.results import index, index_file
from batchtui.results.builder import Progress
from batchtui.results.opening import index_path, open_results, open_results_now
from batchtui.results.reader import ResultFile
from batchtui.results.summary import ErrorGroup, triage


@pytest.fixture
def path(tmp_path: Path, lines: list[bytes]) -> Path:
    """A result file that has no index yet."""
    path = tmp_path / "results" / "batch.jsonl"
    path.parent.mkdir()
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def stamp(path: Path) -> tuple[int, int]:
    state = index_path(path).stat()
    return state.st_ino, state.st_size


def line(custom_id: str, kind: str, **fields: object) -> bytes:
    return json.dumps({"custom_id": custom_id, "result": {"type": kind, **fields}}).encode() + b"\n"


def error(kind: str, message: str) -> dict[str, object]:
    return {"type": "error", "error": {"type": kind, "message": message}}


def test_rows_come_from_the_index_and_lines_from_the_file(path: Path, lines: list[bytes]) -> None:
    with open_results_now(path) as file:
        assert len(file) == 5
        row = file.row(0)
        assert (row.custom_id, row.type, row.stop_reason) == ("a", "succeeded", "end_turn")
        assert (row.model, row.usage, row.size) == (
            "claude-x",
            Usage(input_tokens=10, cache_read_input_tokens=5, output_tokens=3),
            len(lines[0]),
        )
        row = file.row(1)
        assert (row.type, row.error_type, row.shape) == (
            "errored",
            "invalid_request_error",
            "x: N > N",
        )
        assert [file.line(number) for number in range(5)] == lines
        message = file.result(0).message
        assert message
        assert message.text == "Grüße"
        assert file.tally() == {"succeeded": 2, "errored": 1, "canceled": 1, "expired": 1}
        assert list(file.index.rows_of("succeeded")) == [0, 4]
        assert list(file.index.rows_of("martian")) == []
        for number in (-1, 5):
            with pytest.raises(IndexError):
                file.row(number)


def test_lines_are_found_by_their_custom_id(tmp_path: Path) -> None:
    ids = ["ab", "b", "a", "", "ü\x00", "\ud800", "b", "abb"]
    path = tmp_path / "batch.jsonl"
    path.write_bytes(b"".join(line(custom_id, "expired") for custom_id in ids))
    with open_results_now(path) as file:
        assert [file.row(number).custom_id for number in range(8)] == ids
        assert [file.find(custom_id) for custom_id in ids] == [0, 1, 2, 3, 4, 5, 1, 7]
        assert file.find("abc") is None


def test_an_index_is_made_once(path: Path) -> None:
    open_results_now(path).close()
    made = stamp(path)
    assert index_path(path).stat().st_mode & 0o777 == 0o600
    open_results_now(path).close()
    assert stamp(path) == made


def test_an_index_of_another_file_is_made_again(path: Path, lines: list[bytes]) -> None:
    open_results_now(path).close()
    path.write_bytes(b"\n".join([lines[1], lines[0], *lines[2:]]) + b"\n")
    with open_results_now(path) as file:
        assert file.row(0).custom_id == "b"
    path.write_bytes(lines[2])
    with open_results_now(path) as file:
        assert len(file) == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_damaged_index_is_made_again(path: Path, data: st.DataObject) -> None:
    open_results_now(path).close()
    whole = index_path(path).read_bytes()
    if data.draw(st.booleans()):
        damaged = whole[: data.draw(st.integers(0, len(whole) - 1))]
    else:
        at = data.draw(st.integers(0, len(whole) - 1))
        damaged = whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :]
    index_path(path).write_bytes(damaged)
    with open_results_now(path) as file:
        assert [file.row(number).custom_id for number in range(5)] == list("abcde")


def test_results_in_a_directory_that_cannot_be_written_open_all_the_same(path: Path) -> None:
    index_path(path).mkdir()
    (index_path(path) / "in the way").touch()
    with open_results_now(path) as file:
        assert [file.row(number).custom_id for number in range(5)] == list("abcde")
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["batch.index", "batch.jsonl"]


async def test_making_an_index_tells_how_far_it_is(path: Path) -> None:
    with path.open("ab") as file:
        file.writelines(line(str(number), "expired") for number in range(20_000))
    seen: list[Progress] = []
    with await open_results(path, on_progress=seen.append) as results:
        assert len(results) == 20_005
    assert seen
    assert all(step.bytes <= (step.total_bytes or 0) for step in seen)
    with await open_results(path) as results:
        assert len(results) == 20_005


def test_missing_results_are_said(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="These results are not here"):
        open_results_now(tmp_path / "none.jsonl")
    with pytest.raises(ResultsError, match="no file"):
        open_results_now(tmp_path)


def test_a_file_cut_behind_our_back_is_said(path: Path, lines: list[bytes]) -> None:
    with open_results_now(path) as file:
        os.truncate(path, len(lines[0]) + 10)
        assert file.line(0) == lines[0]
        for number in (1, 4):
            with pytest.raises(ResultsError, match="cut short by someone else"):
                file.line(number)


def test_a_closed_file_is_said_and_closing_twice_is_fine(path: Path) -> None:
    file = open_results_now(path)
    file.close()
    file.close()
    with pytest.raises(ResultsError, match="The result file was closed"):
        file.line(0)


def test_columns_hold_a_field_of_all_lines(path: Path) -> None:
    with open_results_now(path) as file:
        column = file.index.column(index.Column.OUTPUT_TOKENS)
        assert list(column) == [3, 0, 0, 0, 3]
        assert sorted(range(5), key=column.__getitem__) == [1, 2, 3, 0, 4]
        assert [file.index.span(number)[0] for number in range(5)] == list(
            file.index.column(index.Column.OFFSET)
        )


def test_an_index_of_another_version_is_no_index(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_results_now(path).close()
    made = stamp(path)
    monkeypatch.setattr(index_file, "_VERSION", 99)
    open_results_now(path).close()
    assert stamp(path) != made


@pytest.fixture
def mixed(tmp_path: Path) -> ResultFile:
    """Results of every kind, with errors of three shapes."""
    message = {
        "model": "claude-x",
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 2**31, "output_tokens": 1},
    }
    parts = [line(f"ok{number}", "succeeded", message=message) for number in range(3)]
    parts += [line("short", "succeeded", message=message | {"stop_reason": "max_tokens"})]
    parts += [line("other", "succeeded", message=message | {"model": "claude-y"})]
    parts += [line("e0", "errored", error=error("overloaded_error", "Overloaded"))]
    for number in range(4):
        wrong = error("invalid_request_error", f"max_tokens: {number} > 5 in 'x{number}'")
        parts += [line(f"f{number}", "errored", error=wrong)]
    parts += [line("x", "expired"), b"?\n", b"?\n"]
    path = tmp_path / "mixed.jsonl"
    path.write_bytes(b"".join(parts))
    return open_results_now(path)


def test_triage_groups_errors_by_type_and_shape(mixed: ResultFile) -> None:
    with mixed:
        found = triage(mixed)
    assert found.errors == (
        ErrorGroup("errored", "invalid_request_error", "max_tokens: N > N in …", 4, 6),
        ErrorGroup("unreadable", "", "not JSON", 2, 11),
        ErrorGroup("errored", "overloaded_error", "Overloaded", 1, 5),
    )
    assert found.tally == {"succeeded": 5, "errored": 5, "expired": 1, "unreadable": 2}
    assert list(found.stop_reasons.items()) == [("end_turn", 4), ("max_tokens", 1)]
    assert list(found.models.items()) == [("claude-x", 4), ("claude-y", 1)]
    assert found.usage == Usage(input_tokens=5 * 2**31, output_tokens=5)


def test_what_is_no_file_is_said_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "batch.jsonl"
    os.mkfifo(pipe)
    with pytest.raises(ResultsError, match="no file"):
        open_results_now(pipe)
