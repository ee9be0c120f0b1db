"""Takes an answer out of the app: to the terminal's clipboard, or to a file that was not there."""

from __future__ import annotations

import os
import re
from itertools import count as numbers
from pathlib import Path

from batchtui.domain.errors import StorageError
from batchtui.domain.text import safe_line, size
from batchtui.settings.directory import with_home

LONGEST_COPY = 100_000
"""Bytes that are sent to a clipboard; terminals drop longer ones, or choke on them."""

_ODD = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME = 80


def copy_refusal(text: str) -> str:
    """Why a text is not sent to the clipboard; "" if it can be."""
    octets = len(text.encode("utf-8", "replace"))
    if octets > LONGEST_COPY:
        return f"{size(octets)} is too much for a terminal's clipboard; w saves it to a file."
    return ""


def file_name(custom_id: str, number: int, suffix: str) -> str:
    """A name for a file of one result, safe on every file system."""
    stem = _ODD.sub("_", custom_id[:_LONGEST_NAME]).strip("._-")
    return f"{stem or f'line-{number + 1}'}{suffix}"


def save_as(text: str, wish: str, name: str) -> Path:
    """Write a text to a new file where a person wants it, see `save`.

    Args:
        text: what to save.
        wish: a directory, or the path of the file.
        name: what to call it in a directory.

    Raises:
        StorageError: if it cannot be written.
    """
    try:
        path = with_home(wish)
        whole = path.is_dir()
    except (ValueError, OSError) as error:
        raise StorageError(f"{safe_line(wish, 200)} is no path to save to") from error
    return save(text, path, name) if whole else save(text, path.parent, path.name)


def save(text: str, directory: Path, name: str) -> Path:
    """Write a text to a new file; one of that name stays, and the new one gets a number.

    Raises:
        StorageError: if it cannot be written.
    """
    stem, suffix = os.path.splitext(name)
    for number in numbers(1):
        path = directory / (name if number == 1 else f"{stem}-{number}{suffix}")
        try:
            with path.open("x", encoding="utf-8", errors="replace", newline="") as file:
                file.write(text)
        except FileExistsError:
            continue
        except OSError as error:
            where = safe_line(str(directory), 200)
            raise StorageError(
                f"Nothing can be saved in {where}: {error.strerror}",
                todo="W saves it somewhere else",
            ) from error
        return path
    raise AssertionError("numbers never end")
