"""Looks a history through without changing or locking anything: is it sound, whose, how big?"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec

from batchtui.domain.text import safe_line
from batchtui.history import files
from batchtui.history.failures import is_damage
from batchtui.history.schema import MIGRATIONS

_MOST = 3


class Examination(msgspec.Struct, frozen=True):
    """What was found.

    Attributes:
        bytes: of the file.
        batches: how many it holds, of all accounts.
        journal: how SQLite writes to it; "wal" if several instances get on with one another.
        damage: what is wrong with it, as SQLite says; "" if it is sound.
        newer: whether a newer batchtui wrote it.
        foreign: whether it is a database, but no history.
        unreadable: why it cannot be looked at; "" if it can.
    """

    bytes: int = 0
    batches: int = 0
    journal: str = ""
    damage: str = ""
    newer: bool = False
    foreign: bool = False
    unreadable: str = ""


def examine(directory: Path) -> Examination | None:
    """Look through `directory/history.db`; None if there is none. Takes as long as reading it."""
    path = directory / files.NAME
    try:
        size = path.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return Examination(unreadable=error.strerror or type(error).__name__)
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            return msgspec.structs.replace(_look(database), bytes=size)
    except sqlite3.Error as error:
        said = safe_line(str(error), 200)
        if is_damage(error):
            return Examination(bytes=size, damage=said)
        return Examination(bytes=size, unreadable=said)


def _look(database: sqlite3.Connection) -> Examination:
    database.text_factory = lambda text: text.decode("utf-8", "replace")
    ((journal,),) = database.execute("PRAGMA journal_mode").fetchall()
    found = [words for (words,) in database.execute(f"PRAGMA quick_check({_MOST})").fetchall()]
    damage = "" if found == ["ok"] else safe_line("; ".join(map(str, found)), 200)
    tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master").fetchall()}
    if not tables or damage:
        return Examination(journal=journal, damage=damage)
    if "migration" not in tables:
        return Examination(journal=journal, foreign=True)
    applied = {name for (name,) in database.execute("SELECT name FROM migration").fetchall()}
    if applied - MIGRATIONS.keys():
        return Examination(journal=journal, newer=True)
    ((batches,),) = database.execute("SELECT count(*) FROM batch").fetchall()
    return Examination(journal=journal, batches=batches)
