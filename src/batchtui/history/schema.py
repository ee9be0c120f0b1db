"""The tables of the history, as named migrations that are only ever appended to.

Needs nothing younger than SQLite 3.24. Instants are integers: microseconds since 1970 in UTC.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime

from batchtui.history.rows import TELLS_WHAT_FAILED, tells_what_failed, to_micros

MIGRATIONS: dict[str, tuple[str, ...]] = {
    "batches": (
        """
        CREATE TABLE account (
            key INTEGER PRIMARY KEY,
            endpoint TEXT NOT NULL,
            workspace TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            last_used_at INTEGER NOT NULL,
            UNIQUE (endpoint, workspace, fingerprint)
        )
        """,
        # The body is the API's object as it was received, and the only copy of its fields; the
        # columns repeat just what queries order and choose by.
        """
        CREATE TABLE batch (
            key INTEGER PRIMARY KEY,
            account INTEGER NOT NULL REFERENCES account (key),
            id TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            running INTEGER NOT NULL,
            first_seen_at INTEGER NOT NULL,
            deleted_at INTEGER,
            gone_at INTEGER,
            label TEXT,
            note TEXT,
            pinned INTEGER NOT NULL DEFAULT 0,
            body BLOB NOT NULL,
            UNIQUE (account, id)
        )
        """,
        "CREATE INDEX batch_newest ON batch (account, created_at DESC, id DESC)",
        """
        CREATE INDEX batch_running ON batch (account, created_at DESC, id DESC)
        WHERE running = 1 AND deleted_at IS NULL AND gone_at IS NULL
        """,
        "CREATE INDEX batch_label ON batch (account, label) WHERE label IS NOT NULL",
        # Apart from the bodies, because it changes with every tick for every row: a thousand of
        # these are a handful of pages, a thousand bodies are hundreds.
        "CREATE TABLE seen (batch INTEGER PRIMARY KEY REFERENCES batch (key), at INTEGER NOT NULL)",
        """
        CREATE TABLE observation (
            batch INTEGER NOT NULL REFERENCES batch (key),
            at INTEGER NOT NULL,
            processing_status TEXT NOT NULL,
            processing INTEGER NOT NULL,
            succeeded INTEGER NOT NULL,
            errored INTEGER NOT NULL,
            canceled INTEGER NOT NULL,
            expired INTEGER NOT NULL,
            PRIMARY KEY (batch, at)
        ) WITHOUT ROWID
        """,
    ),
    # Goes up with every change of the account's batches, but not when they are seen once more:
    # that is what every other instance does all the time.
    "revision": ("ALTER TABLE account ADD COLUMN revision INTEGER NOT NULL DEFAULT 0",),
    "request file": ("ALTER TABLE batch ADD COLUMN request_file TEXT",),
    "jobs": (
        """
        CREATE TABLE job (
            key INTEGER PRIMARY KEY AUTOINCREMENT,
            account INTEGER NOT NULL REFERENCES account (key),
            name TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            note TEXT,
            pinned INTEGER NOT NULL DEFAULT 0,
            UNIQUE (account, name)
        )
        """,
        """
        CREATE TABLE round (
            job INTEGER NOT NULL REFERENCES job (key),
            number INTEGER NOT NULL,
            request_file TEXT NOT NULL,
            size INTEGER NOT NULL,
            digest BLOB NOT NULL,
            requests INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            instead_of TEXT NOT NULL,
            PRIMARY KEY (job, number)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE part (
            job INTEGER NOT NULL REFERENCES job (key),
            number INTEGER NOT NULL,
            round INTEGER NOT NULL,
            start INTEGER NOT NULL,
            stop INTEGER NOT NULL,
            first_line INTEGER NOT NULL,
            requests INTEGER NOT NULL,
            size INTEGER NOT NULL,
            digest BLOB NOT NULL,
            verbatim INTEGER NOT NULL,
            state TEXT NOT NULL,
            batch_id TEXT NOT NULL,
            attempted_at INTEGER,
            PRIMARY KEY (job, number)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX part_batch ON part (batch_id) WHERE batch_id <> ''",
    ),
    # The highest key of a batch when the part was last begun to be sent: clocks may be set back,
    # keys only ever go up.
    "known before": ("ALTER TABLE part ADD COLUMN known_before INTEGER NOT NULL DEFAULT 0",),
    # What a person was told of, so that of several instances just one does.
    "told": (
        """
        CREATE TABLE told (
            account INTEGER NOT NULL REFERENCES account (key),
            subject TEXT NOT NULL,
            event TEXT NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (account, subject, event)
        ) WITHOUT ROWID
        """,
    ),
    # Whether it has really been told, or only taken on by an instance that may have died since.
    "settled": ("ALTER TABLE told ADD COLUMN settled INTEGER NOT NULL DEFAULT 0",),
    # Whether there are results that tell what failed. With all that is asked of such a batch, so
    # that a status line need not read thousands of bodies.
    "failed": (
        "ALTER TABLE batch ADD COLUMN failed INTEGER NOT NULL DEFAULT 0",
        f"UPDATE batch SET failed = {TELLS_WHAT_FAILED}(body) WHERE running = 0",
        """
        CREATE INDEX batch_failed ON batch (account, created_at, id, deleted_at, gone_at)
        WHERE running = 0 AND failed = 1
        """,
    ),
    # Which account was last called so, for when its key is not there.
    "names": (
        """
        CREATE TABLE name (
            name TEXT NOT NULL,
            endpoint TEXT NOT NULL,
            workspace TEXT NOT NULL,
            account INTEGER NOT NULL REFERENCES account (key),
            PRIMARY KEY (name, endpoint, workspace)
        ) WITHOUT ROWID
        """,
    ),
}


class NewerSchemaError(Exception):
    """The file holds migrations that this version does not know."""


class ForeignSchemaError(Exception):
    """The file is a database, but not a history."""


def migrate(connection: sqlite3.Connection, now: datetime) -> None:
    """Bring the file up to this version; nothing is written if it is already.

    Raises:
        NewerSchemaError: if a newer version has been here.
        ForeignSchemaError: if it holds tables but no list of migrations.
        sqlite3.Error: as SQLite says.
    """
    if not _missing(connection):
        return
    connection.create_function(TELLS_WHAT_FAILED, 1, tells_what_failed)
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Asked again now that no other process can be doing the same.
        connection.execute(
            "CREATE TABLE IF NOT EXISTS migration"
            " (name TEXT PRIMARY KEY, applied_at INTEGER NOT NULL)"
        )
        for name in _missing(connection):
            for statement in MIGRATIONS[name]:
                connection.execute(statement)
            connection.execute("INSERT INTO migration VALUES (?, ?)", (name, to_micros(now)))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _missing(connection: sqlite3.Connection) -> list[str]:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if not tables:
        return list(MIGRATIONS)
    if "migration" not in tables:
        raise ForeignSchemaError
    applied = {name for (name,) in connection.execute("SELECT name FROM migration")}
    if applied - MIGRATIONS.keys():
        raise NewerSchemaError
    return [name for name in MIGRATIONS if name not in applied]
