from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from batchtui.domain.errors import BatchtuiError, ResultsError, StorageError, UsageError
from batchtui.results.export.exporting import Format, export, open_target
from batchtui.results.export.pieces import Piece
from batchtui.results.export.targets import NewDirectory, NewFile, TakenError
from tests.results.export.conftest import Make, answer


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory with nothing in it but what is exported."""
    place = tmp_path / "place"
    place.mkdir()
    return place


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def disk_of(size: int) -> Iterator[None]:
    """A disk on which no file can grow beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


def names(place: Path) -> list[str]:
    return sorted(each.name for each in place.iterdir())


def test_a_file_appears_when_it_is_published(place: Path) -> None:
    with umask(0o027), NewFile(place / "a.csv") as target:
        target.write(Piece(1, b"one"))
        assert "a.csv" not in names(place)
        target.write(Piece(1, b"two"))
        target.publish()
    assert names(place) == ["a.csv"]
    assert (place / "a.csv").read_bytes() == b"onetwo"
    assert (place / "a.csv").stat().st_mode & 0o777 == 0o640


def test_a_directory_appears_when_it_is_published(place: Path) -> None:
    with umask(0o027), NewDirectory(place / "a") as target:
        target.write(Piece(1, b"one", "x.txt"))
        assert "a" not in names(place)
        target.publish()
    assert names(place) == ["a"]
    assert (place / "a" / "x.txt").read_bytes() == b"one"
    assert (place / "a").stat().st_mode & 0o777 == 0o750


@pytest.mark.parametrize("kind", [Format.CSV, Format.TEXT])
def test_an_export_that_is_given_up_leaves_nothing(place: Path, make: Make, kind: Format) -> None:
    with make(b"\n".join(answer(str(each), "x" * 9000) for each in range(100))) as file:
        with open_target(place / "out", kind) as target:
            steps = export(file, range(100), kind, target)
            next(steps)
            next(steps)
            steps.close()
        assert names(place) == []


def test_a_file_is_replaced_only_if_that_is_meant(place: Path) -> None:
    path = place / "a.csv"
    path.write_text("mine")
    with pytest.raises(TakenError, match="is there already"):
        NewFile(path)
    assert path.read_text() == "mine"
    with NewFile(path, replace=True) as target:
        target.write(Piece(1, b"new"))
        assert path.read_text() == "mine"
        target.publish()
    assert path.read_text() == "new"
    assert names(place) == ["a.csv"]


@pytest.mark.parametrize("path", ["x" * 300, "x" * 300 + "/a.csv"])
def test_a_place_out_of_reach(place: Path, path: str) -> None:
    for kind in (NewFile, NewDirectory):
        with pytest.raises(BatchtuiError, match="too long"), kind(place / path) as target:
            target.publish()
    assert names(place) == []


def test_a_file_that_is_replaced_stays_closed_to_others(place: Path) -> None:
    private = place / "a.csv"
    private.touch(mode=0o600)
    with umask(0o022), NewFile(private, replace=True) as target:
        target.write(Piece(1, b"two"))
        target.publish()
    assert private.stat().st_mode & 0o777 == 0o600


def test_a_name_taken_meanwhile_is_not_replaced(place: Path) -> None:
    path = place / "a.csv"
    with NewFile(path) as target:
        path.write_text("mine")
        with pytest.raises(TakenError):
            target.publish()
    assert path.read_text() == "mine"
    assert names(place) == ["a.csv"]


def test_a_name_taken_meanwhile_is_not_replaced_without_hard_links(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*names: object) -> None:
        raise PermissionError(1, "no")

    monkeypatch.setattr(os, "link", no_links)
    for name in ("a.csv", "b.csv"):
        with NewFile(place / name) as target:
            target.write(Piece(1, b"new"))
            if name == "a.csv":
                (place / name).write_text("mine")
                with pytest.raises(TakenError):
                    target.publish()
            else:
                target.publish()
    assert (place / "a.csv").read_text() == "mine"
    assert (place / "b.csv").read_text() == "new"
    assert names(place) == ["a.csv", "b.csv"]


def test_a_link_stays_one(place: Path) -> None:
    (place / "real").write_text("mine")
    (place / "link").symlink_to("real")
    with pytest.raises(TakenError):
        NewFile(place / "link")
    with NewFile(place / "link", replace=True) as target:
        target.write(Piece(1, b"new"))
        target.publish()
    assert (place / "link").is_symlink()
    assert (place / "real").read_text() == "new"


def test_what_is_no_file_is_not_replaced(place: Path) -> None:
    os.mkfifo(place / "pipe")
    with pytest.raises(UsageError, match="is a directory"):
        NewFile(place, replace=True)
    for path in (place / "pipe", Path(os.devnull)):
        with pytest.raises(UsageError, match="no file that could be replaced"):
            NewFile(path, replace=True)


def test_only_an_empty_directory_gives_way(place: Path) -> None:
    (place / "empty").mkdir()
    with NewDirectory(place / "empty") as target:
        target.write(Piece(1, b"x", "x.txt"))
        target.publish()
    assert names(place / "empty") == ["x.txt"]
    (place / "file").touch()
    for name in ("empty", "file"):
        with pytest.raises(UsageError, match="new, or empty") as raised:
            NewDirectory(place / name)
        assert not isinstance(raised.value, TakenError), "a person might say to replace it"


def test_a_directory_taken_meanwhile_is_not_replaced(place: Path) -> None:
    with NewDirectory(place / "a") as target:
        (place / "a").mkdir()
        (place / "a" / "mine").touch()
        with pytest.raises(UsageError):
            target.publish()
    assert names(place) == ["a"]
    assert names(place / "a") == ["mine"]


@pytest.mark.parametrize("kind", [Format.JSONL, Format.TEXT])
def test_a_place_that_is_not_there_is_said(place: Path, kind: Format) -> None:
    with pytest.raises(StorageError, match=r"There is no directory .*nowhere"):
        open_target(place / "nowhere" / "out", kind)


@pytest.mark.parametrize("kind", [Format.JSONL, Format.CSV, Format.MARKDOWN, Format.TEXT])
def test_a_full_disk_is_said_and_leaves_nothing(place: Path, make: Make, kind: Format) -> None:
    with make(answer("a", "x" * 10_000)) as file, disk_of(5000):
        with (
            pytest.raises(ResultsError, match="The disk is full"),
            open_target(place / "out", kind) as target,
        ):
            for _ in export(file, [0], kind, target):
                pass
        assert names(place) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_that_may_not_be_written_is_said(place: Path) -> None:
    place.chmod(0o500)
    for kind in (Format.CSV, Format.TEXT):
        with pytest.raises(BatchtuiError, match="Permission denied"):
            open_target(place / "out", kind)


def test_names_never_lead_out_of_the_directory(place: Path) -> None:
    """Were one ever unsafe, the system would still not follow it where something is."""
    (place / "mine").write_text("mine")
    with NewDirectory(place / "a") as target, pytest.raises(BatchtuiError):
        target.write(Piece(1, b"x", "../mine"))
    assert (place / "mine").read_text() == "mine"
