"""What is in the file and how big it is, taking out what is no longer needed, giving room back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from pathlib import Path

import msgspec

from batchtui.domain.batch import Record
from batchtui.domain.errors import UsageError
from batchtui.domain.job import Job, PartState
from batchtui.domain.text import safe_line
from batchtui.history import files
from batchtui.history.job_rows import drop_job
from batchtui.history.rows import to_micros, to_record
from batchtui.history.store import Store
from batchtui.history.writing import Writer

_AT_ONCE = 500
_OF_ENDED = (
    "FROM observation WHERE batch IN"
    " (SELECT key FROM batch WHERE account = ? AND running = 0 AND created_at < ?)"
)
_DOUBTFUL = (PartState.SENDING, PartState.UNKNOWN)


class Room(msgspec.Struct, frozen=True):
    """How big the file is, in bytes.

    Attributes:
        taken: with its log.
        free: of it what holds nothing any more, and a vacuum gives back.
    """

    taken: int
    free: int


class Vacuumed(msgspec.Struct, frozen=True):
    """What came of a vacuum.

    Attributes:
        before: bytes of the file with its log.
        after: likewise; of one that is held, what it will take.
        held: whether another instance reads the old file on, so that its log stays until that ends.
    """

    before: int
    after: int
    held: bool = False


class Upkeep:
    """The file of a history and what of one account is in it; every method raises `StorageError`.

    Args:
        store: the file.
        account_key: gives the key of the account; None as long as nothing was stored for it.
        writing: a transaction of which other instances take notice; told whether it is to outlast
            a power failure, and gives the connection and the account's key.
    """

    def __init__(
        self,
        store: Store,
        account_key: Callable[[], int | None],
        writing: Callable[[bool], AbstractContextManager[tuple[sqlite3.Connection, int]]],
    ) -> None:
        self._store = store
        self._account_key = account_key
        self._writing = writing

    # The file

    def room(self) -> Room:
        """How big the file is; a history in memory counts as one without a log."""
        page, pages, free = (
            self._number(f"PRAGMA {name}") for name in ("page_size", "page_count", "freelist_count")
        )
        path = self._store.path
        return Room(page * pages if path is None else _bytes(path), page * free)

    def vacuum(self) -> Vacuumed:
        """Write the file anew without what holds nothing any more.

        Meanwhile other instances wait. Nothing is lost if it is cut off.

        Raises:
            StorageError: if another instance is writing, or the disk has no room for a second copy.
        """
        before = self.room().taken
        self._store.rows("VACUUM")
        # What was written went to the log; only from there does the file become shorter.
        ((busy, *_),) = self._store.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        pages = self._number("PRAGMA page_size") * self._number("PRAGMA page_count")
        return Vacuumed(before, pages if busy else self.room().taken, held=bool(busy))

    # What is in it

    def observations(self) -> int:
        """How often it was written down how a batch of the account stood."""
        batches = "SELECT key FROM batch WHERE account = ?"
        sql = f"SELECT count(*) FROM observation WHERE batch IN ({batches})"
        return self._number(sql, self._account_key())

    def observations_of_ended(self, before: datetime) -> int:
        """As `observations`, of batches that have ended and were created before that."""
        sql = f"SELECT count(*) {_OF_ENDED}"
        return self._number(sql, self._account_key(), to_micros(before))

    # Taking out

    def forget(self, records: Sequence[Record], jobs: Sequence[Job] = ()) -> list[str]:
        """Forget batches, and jobs; neither if it is no longer as it is given here.

        Args:
            records: those to forget. What of them is in a job that is not forgotten stays, too.
            jobs: those to forget, all of whose batches are among the records.

        Returns:
            The ids of the batches that are forgotten.

        Raises:
            UsageError: if of a part of a job it is not known whether it became a batch: what that
                is compared with are the batches known before.
        """
        with self._writing(False) as (connection, account):
            _require_certainty(connection)
            unchanged = [each for each in jobs if _members(connection, each.key) == set(_ids(each))]
            for job in unchanged:
                _forget_job(connection, account, job)
            of_jobs = _in_jobs(connection, account)
            forgotten = []
            for start in range(0, len(records), _AT_ONCE):
                some = [
                    each for each in records[start : start + _AT_ONCE] if each.id not in of_jobs
                ]
                forgotten += _forget_batches(connection, account, some)
        return forgotten

    def forget_observations(self, before: datetime) -> int:
        """Forget how batches stood over time that have ended and were created before that."""
        with self._writing(False) as (connection, account):
            values = (account, to_micros(before))
            return connection.execute(f"DELETE {_OF_ENDED}", values).rowcount

    def _number(self, sql: str, *values: object) -> int:
        ((number,),) = self._store.rows(sql, values)
        return int(number)


def _require_certainty(connection: sqlite3.Connection) -> None:
    sql = "SELECT job.name FROM job JOIN part ON part.job = job.key WHERE part.state IN (?, ?)"
    # Of any account: other credentials of the same workspace may go on with a job.
    for (name,) in connection.execute(f"{sql} LIMIT 1", _DOUBTFUL).fetchall():
        raise UsageError(
            f'Of the job "{safe_line(name, 60)}" it is not known yet which batches it became',
            kept="Nothing was removed",
            todo="Go on with it first; it may be another account's",
        )


def _ids(job: Job) -> Iterator[str]:
    return (part.batch_id for part in job.parts)


def _members(connection: sqlite3.Connection, job: int) -> set[str]:
    rows = connection.execute("SELECT batch_id FROM part WHERE job = ?", (job,)).fetchall()
    return {batch_id for (batch_id,) in rows}


def _in_jobs(connection: sqlite3.Connection, account: int) -> set[str]:
    sql = "SELECT part.batch_id FROM part JOIN job ON job.key = part.job WHERE job.account = ?"
    return {batch_id for (batch_id,) in connection.execute(sql, (account,)).fetchall()}


def _forget_job(connection: sqlite3.Connection, account: int, job: Job) -> None:
    drop_job(connection, job.key)
    connection.execute("DELETE FROM told WHERE account = ? AND subject = ?", (account, job.id))


def _forget_batches(
    connection: sqlite3.Connection, account: int, records: Sequence[Record]
) -> list[str]:
    """Forget those that are as given, but for whether their results are here."""
    wanted = {each.id: msgspec.structs.replace(each, results_here=False) for each in records}
    stored = Writer(connection, account).stored(list(wanted))
    found = {row.key: row.id for row in stored.values() if to_record(row) == wanted[row.id]}
    keys = [(key,) for key in found]
    for table in ("observation", "seen"):
        connection.executemany(f"DELETE FROM {table} WHERE batch = ?", keys)
    subjects = [(account, batch_id) for batch_id in found.values()]
    connection.executemany("DELETE FROM told WHERE account = ? AND subject = ?", subjects)
    connection.executemany("DELETE FROM batch WHERE key = ?", keys)
    return list(found.values())


def _bytes(path: Path) -> int:
    total = 0
    for each in (path, *files.beside(path)):
        with suppress(OSError):
            total += each.stat().st_size
    return total
