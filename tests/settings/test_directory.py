"""Where the config directory is, and that only its owner can look into it."""

import os
from pathlib import Path

import pytest

from batchtui.domain.errors import StorageError
from batchtui.settings.directory import ensure, locate


def test_the_option_wins_over_the_variable_over_the_systems_place(tmp_path: Path) -> None:
    environ = {"BATCHTUI_CONFIG_DIR": "/from/environ"}
    assert locate(environ, Path("/from/option")) == Path("/from/option")
    assert locate(environ) == Path("/from/environ")
    assert locate({"BATCHTUI_CONFIG_DIR": ""}).name == "batchtui"
    assert locate({}).is_relative_to(tmp_path / "home")


def test_a_tilde_is_home(tmp_path: Path) -> None:
    assert locate({"BATCHTUI_CONFIG_DIR": "~/b"}) == tmp_path / "home" / "b"
    assert locate({}, Path("~nobody-at-all/b")) == Path("~nobody-at-all/b")


def test_it_is_made_private_with_its_parents(tmp_path: Path) -> None:
    made = ensure(tmp_path / "a" / "b")
    assert made.stat().st_mode & 0o777 == 0o700
    assert ensure(made) == made


def test_one_that_was_open_to_others_is_closed(tmp_path: Path) -> None:
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o755)
    assert ensure(open_to_all).stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("below", ["", "deeper"])
def test_a_file_in_its_place(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(StorageError, match="file is in its place"):
        ensure(tmp_path / "file" / below)
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError, match="cannot be made"):
        ensure(tmp_path / "a")


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be made"):
        ensure(tmp_path / ("a" * 300))
