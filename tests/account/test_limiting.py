"""Results are kept within `cache_limit`, and none that cannot be had again are removed for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from batchtui.account.events import Changed, Event, MadeRoom
from batchtui.account.knowledge import Knowledge
from batchtui.account.limiting import make_room
from batchtui.domain.account import AccountKey
from batchtui.domain.batch import ResultsState, Sighting, decode_batch
from batchtui.history.history import History
from batchtui.results.cache import volume
from batchtui.results.store import ResultStore
from tests.cli.conftest import batch_body
from tests.conftest import NOON

SIZE = 1000


class Shelf:
    """What is known of batches a, b, c, …, and their results, each of 1000 bytes."""

    def __init__(self, directory: Path) -> None:
        self.now: datetime = NOON
        history = History.open(directory, AccountKey("test", "", "key"), now=NOON)
        self.results = ResultStore(directory / "results")
        self.results.directory.mkdir()
        self.knowledge = Knowledge(history=history, results=self.results, clock=lambda: self.now)
        self.events: list[Event] = []
        self.knowledge.listen(self.events.append)

    def put(self, name: str, *, unused: timedelta, known: bool = True, created: int = 3) -> None:
        """Results that were opened so long ago, of a batch created so many days ago."""
        if known:
            at = NOON - timedelta(days=created)
            body = batch_body(
                f"msgbatch_{name}",
                age=timedelta(),
                created_at=at,
                ended_at=at + timedelta(minutes=20),
                expires_at=at + timedelta(days=1),
            )
            self.knowledge.observe([Sighting(decode_batch(body), body)])
        path = self.results.path(f"msgbatch_{name}")
        path.write_bytes(b"x" * SIZE)
        then = (NOON - unused).timestamp()
        os.utime(path, (then, then))
        self.knowledge.here = self.results.here()
        self.events.clear()

    @property
    def kept(self) -> str:
        return "".join(sorted(p.stem[-1] for p in self.results.directory.glob("*.jsonl")))


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path)
    for number, name in enumerate("abcd"):
        shelf.put(name, unused=timedelta(days=9 - number))
    yield shelf
    shelf.knowledge.history.close()


@pytest.mark.parametrize(
    ("limit", "left"),
    [(None, "abcd"), (4000, "abcd"), (3999, "bcd"), (2000, "cd"), (1999, "d"), (0, "")],
)
def test_the_longest_unused_go_first_and_no_more_than_it_takes(
    shelf: Shelf, limit: int | None, left: str
) -> None:
    make_room(shelf.knowledge, limit)
    assert shelf.kept == left
    gone = 4 - len(left)
    rooms = [each for each in shelf.events if isinstance(each, MadeRoom)]
    assert rooms == ([MadeRoom(gone, gone * SIZE)] if gone else [])


def test_what_goes_is_known_to_be_on_the_server_alone(shelf: Shelf) -> None:
    make_room(shelf.knowledge, 3000)
    (changed,) = [each for each in shelf.events if isinstance(each, Changed)]
    (change,) = changed.changes
    assert change.record.id == "msgbatch_a"
    assert change.record.results(NOON) is ResultsState.AVAILABLE
    record = shelf.knowledge.record("msgbatch_a")
    assert record is not None
    assert not record.results_here


def test_what_cannot_be_had_again_stays(shelf: Shelf) -> None:
    shelf.put("e", unused=timedelta(days=50), created=60)
    shelf.put("f", unused=timedelta(days=50), known=False)
    make_room(shelf.knowledge, 0)
    assert shelf.kept == "ef"


def test_what_was_used_within_the_hour_stays(shelf: Shelf) -> None:
    shelf.put("e", unused=timedelta(minutes=59))
    shelf.put("f", unused=timedelta(minutes=61))
    make_room(shelf.knowledge, 0)
    assert shelf.kept == "e"
    shelf.events.clear()
    make_room(shelf.knowledge, 0)
    assert shelf.events == []


def test_what_cannot_be_removed_is_no_failure(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Callable[..., None] = Path.unlink

    def unlink(path: Path, missing_ok: bool = False) -> None:
        if path.stem == "msgbatch_a":
            raise PermissionError
        real(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink)
    make_room(shelf.knowledge, 2000)
    assert shelf.kept == "acd"


def test_the_volume_counts_indexes_and_leaves_out_the_rest(tmp_path: Path) -> None:
    for name in ("a.jsonl", "a.index", ".b.part", "c.txt"):
        (tmp_path / name).write_bytes(b"x" * 10)
    assert volume(tmp_path) == 20
    assert volume(tmp_path / "missing") == 0


def test_it_is_said_in_one_sentence() -> None:
    assert MadeRoom(1, 2_400_000).words == (
        "1 older result file (2.4 MB) removed from this disk, to keep within cache_limit."
    )
