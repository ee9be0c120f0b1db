"""Taking answers out of the app."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.errors import StorageError
from batchtui.ui.taking import LONGEST_COPY, copy_refusal, file_name, save


@given(st.text(), st.integers(0))
def test_names_are_plain(custom_id: str, number: int) -> None:
    name = file_name(custom_id, number, ".txt")
    assert name.isascii()
    assert "/" not in name
    assert not name.startswith((".", "-"))
    assert name != ".txt"


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    names = [save(text, tmp_path, "a.txt").name for text in ("one", "two", "three")]
    assert names == ["a.txt", "a-2.txt", "a-3.txt"]
    assert (tmp_path / "a.txt").read_text() == "one"


def test_what_is_no_utf_8_is_saved_all_the_same(tmp_path: Path) -> None:
    assert save("a\ud800b\r\n", tmp_path, "a.txt").read_bytes() == b"a?b\r\n"


def test_a_directory_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="Nothing can be saved"):
        save("x", tmp_path / "missing", "a.txt")


def test_a_dangling_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "elsewhere")
    assert save("x", tmp_path, "a.txt").name == "a-2.txt"
    assert not (tmp_path / "elsewhere").exists()


def test_the_clipboard_has_a_limit() -> None:
    assert not copy_refusal("x" * LONGEST_COPY)
    assert "w saves it" in copy_refusal("é" * LONGEST_COPY)
