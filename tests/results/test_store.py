from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from batchtui.domain.errors import ResultsError
from batchtui.results.opening import index_path
from batchtui.results.store import ResultStore, batch_id_of

ODD = [
    "",
    ".",
    "..",
    "../../etc/passwd",
    "a/b",
    "a\x00b",
    "~61",
    "~~",
    "ü",
    "a b",
    "\ud800",
    "-.jsonl",
]


@pytest.fixture
def store(tmp_path: Path) -> ResultStore:
    directory = tmp_path / "results"
    directory.mkdir()
    return ResultStore(directory)


def put(store: ResultStore, batch_id: str, data: bytes) -> None:
    store.path(batch_id).write_bytes(data)


def test_an_ordinary_batch_has_its_id_for_a_name(store: ResultStore) -> None:
    assert store.path("msgbatch_01HkcTja") == store.directory / "msgbatch_01HkcTja.jsonl"


def test_results_are_listed_opened_measured_and_removed(
    store: ResultStore, lines: list[bytes]
) -> None:
    assert "a" not in store.here()
    assert store.size("a") is None
    with pytest.raises(ResultsError, match="not here"):
        store.open("a")
    put(store, "a", lines[0])
    assert "a" in store.here()
    assert store.size("a") == len(lines[0])
    with store.open("a") as file:
        assert len(file) == 1
    assert index_path(store.path("a")).exists()
    assert "a" in store.here()
    assert store.remove("a")
    assert not store.remove("a")
    assert list(store.directory.iterdir()) == []


def test_a_directory_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert "a" not in ResultStore(tmp_path / "none").here()


def test_odd_ids_stay_inside_the_directory_and_come_back(store: ResultStore) -> None:
    for batch_id in ODD:
        put(store, batch_id, batch_id.encode("utf-8", "surrogatepass"))
    here = store.here()
    assert all(batch_id in here for batch_id in ODD)
    assert "other" not in here
    for batch_id in ODD:
        path = store.path(batch_id)
        assert path.resolve().parent == store.directory.resolve()
        assert path.read_bytes() == batch_id.encode("utf-8", "surrogatepass")


def test_files_of_others_are_not_results(store: ResultStore) -> None:
    for name in (
        "notes.txt",
        ".hidden.jsonl",
        "a b.jsonl",
        "~zz.jsonl",
        "~6 1.jsonl",
        "~C3BC.jsonl",
    ):
        (store.directory / name).touch()
    (store.directory / "~61.jsonl").touch()  # a plain id does not go by its hexadecimal digits
    here = store.here()
    assert not any(each in here for each in ("notes", ".hidden", "a b", "zz", "a", "ü"))


def test_ids_too_long_for_a_name_still_have_a_place(store: ResultStore) -> None:
    long = ["x" * 129, "x" * 100_000, "ü" * 51]
    paths = [store.path(batch_id) for batch_id in long]
    assert len(set(paths)) == 3
    for batch_id in long:
        put(store, batch_id, b"")
        assert store.size(batch_id) == 0
    here = store.here()
    assert all(batch_id in here for batch_id in long)
    assert "x" * 130 not in here


@given(st.text(max_size=150), st.text(max_size=150))
@example("~61", "a")
@example("Ü", "ü")
def test_no_two_ids_share_a_file_even_where_case_is_ignored(one: str, other: str) -> None:
    store = ResultStore(Path("results"))
    names = [store.path(batch_id).name for batch_id in (one, other)]
    assert all("/" not in name and len(name.encode()) < 256 for name in names)
    if one.lower() != other.lower():
        assert names[0].lower() != names[1].lower()


@given(st.text(min_size=1, max_size=300))
def test_the_name_of_a_file_tells_whose_it_is(batch_id: str) -> None:
    stem = ResultStore(Path()).path(batch_id).stem
    assert batch_id_of(stem) in (batch_id, None)
    if len(batch_id.encode("utf-8", "surrogatepass")) <= 100:
        assert batch_id_of(stem) == batch_id


@pytest.mark.parametrize("stem", ["~~00", "~zz", "~6", "~6D", "~6d", "a b", ""])
def test_other_names_tell_nothing(stem: str) -> None:
    assert batch_id_of(stem) is None
