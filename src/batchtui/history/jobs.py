"""The jobs of one account: which request files were sent, part by part, and what they became."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from batchtui.domain.account import AccountKey
from batchtui.domain.errors import UsageError
from batchtui.domain.job import Job, Part, PartState, Round
from batchtui.domain.text import safe_line
from batchtui.history.job_rows import drop_job, put_job, put_parts, put_round, read_jobs
from batchtui.history.rows import from_micros, storable, to_micros
from batchtui.history.store import Store


class Jobs:
    """The jobs of an account in its history; every method raises `StorageError`.

    Args:
        store: the file.
        account: whose jobs.
        account_key: gives the key of the account; None as long as nothing was stored for it.
        writing: a transaction in which the account is there; told whether it is to outlast a
            power failure, and gives the connection and the account's key.
    """

    def __init__(
        self,
        store: Store,
        account: AccountKey,
        account_key: Callable[[], int | None],
        writing: Callable[[bool], AbstractContextManager[tuple[sqlite3.Connection, int]]],
    ) -> None:
        self._store = store
        self._account = account
        self._account_key = account_key
        self._writing = writing

    # Read

    def all(self) -> list[Job]:
        """Every job, newest first; one that cannot be read is left out."""
        return list(self._read("", ()))

    def get(self, key: int) -> Job:
        """One job.

        Raises:
            UsageError: if there is none, or it cannot be read.
        """
        for job in self._read("AND job.key = ?", (key,)):
            return job
        raise UsageError("There is no such job in the history")

    def named(self, name: str) -> Job | None:
        """The job of this name."""
        return next(self._read("AND job.name = ?", (storable(name),)), None)

    def of_file(self, digest: bytes) -> list[Job]:
        """The jobs whose first round sent a file with this digest, newest first."""
        condition = (
            "AND job.key IN (SELECT round.job FROM round WHERE round.digest = ? AND number = 0)"
        )
        return list(self._read(condition, (digest,)))

    def of_file_elsewhere(self, digest: bytes) -> list[Job]:
        """As `of_file`, but those begun at the same place with other credentials."""
        condition = (
            "job.account IN (SELECT key FROM account"
            " WHERE endpoint = ? AND workspace = ? AND fingerprint <> ?) AND"
            " job.key IN (SELECT round.job FROM round WHERE round.digest = ? AND number = 0)"
        )
        account = self._account
        values = (account.endpoint, account.workspace, account.fingerprint, digest)
        return list(read_jobs(self._store.rows, condition, values))

    def of_batch(self, batch_id: str) -> Job | None:
        """The job that a batch belongs to."""
        condition = "AND job.key IN (SELECT part.job FROM part WHERE part.batch_id = ?)"
        return next(self._read(condition, (storable(batch_id),)), None)

    def newest_before(self, key: int, number: int) -> datetime | None:
        """When the newest batch was created that was known before a part was last begun."""
        sql = (
            "SELECT max(batch.created_at) FROM batch JOIN part ON batch.key <= part.known_before"
            " WHERE batch.account = ? AND part.job = ? AND part.number = ?"
        )
        ((newest,),) = self._store.rows(sql, (self._account_key(), key, number))
        return None if newest is None else from_micros(newest)

    def is_new(self, key: int, number: int, batch_id: str) -> bool:
        """Whether a batch is known only since a part was last begun, and in no job."""
        sql = (
            "SELECT 1 FROM batch JOIN part ON batch.key > part.known_before"
            " WHERE batch.account = ? AND batch.id = ? AND part.job = ? AND part.number = ?"
        )
        values = (self._account_key(), storable(batch_id), key, number)
        return bool(self._store.rows(sql, values)) and self.of_batch(batch_id) is None

    def names(self) -> dict[str, str]:
        """The name of the job of every batch that belongs to one, by the id of the batch."""
        sql = (
            "SELECT part.batch_id, job.name FROM part JOIN job ON job.key = part.job"
            " WHERE job.account = ? AND part.batch_id <> ''"
        )
        return {
            batch_id: name
            for batch_id, name in self._store.rows(sql, (self._account_key(),))
            if isinstance(batch_id, str) and isinstance(name, str)
        }

    def request_files(self) -> set[str]:
        """The paths of the request files of all jobs, those of other accounts included."""
        rows = self._store.rows("SELECT request_file FROM round", ())
        return {path for (path,) in rows if isinstance(path, str)}

    # Write

    def add(
        self,
        name: str,
        first: Round,
        parts: Sequence[Part],
        *,
        at: datetime,
        once: bool = False,
    ) -> Job:
        """Write down what is going to be sent, before anything is.

        Raises:
            UsageError: if a job of this name is there already, or, with `once`, one that sends
                this file.
        """
        name = storable(name)
        with self._writing(True) as (connection, account):
            if connection.execute(
                "SELECT 1 FROM job WHERE account = ? AND name = ?", (account, name)
            ).fetchone():
                raise UsageError(
                    f'There is a job named "{safe_line(name, 60)}" already',
                    todo="Give this one another name",
                )
            sql = (
                "SELECT job.name FROM job JOIN round ON round.job = job.key"
                " WHERE account = ? AND digest = ? AND number = 0"
            )
            if once and (other := connection.execute(sql, (account, first.digest)).fetchone()):
                raise UsageError(
                    f'This file is being submitted as job "{safe_line(other[0], 60)}" already',
                    kept="Nothing was sent",
                )
            key = put_job(connection, account, Job(0, name, at, (first,), tuple(parts)))
        return self.get(key)

    def take_in(self, job: Job) -> bool:
        """Write down a job as another history has it; false if it is here already.

        Raises:
            UsageError: if not all of it was sent, which the other history may still do, or a job
                of that name or with one of its batches is another one.
        """
        name = safe_line(job.name, 60)
        if job.unsent:
            raise UsageError(
                f'Not all of the job "{name}" was sent',
                todo="Go on with it where it was begun, and export it then",
            )
        name_taken = self.named(job.name)
        twins = {other.key: other for each in job.batch_ids if (other := self.of_batch(each))}
        if name_taken:
            twins[name_taken.key] = name_taken
        if any(set(twin.batch_ids) >= set(job.batch_ids) for twin in twins.values()):
            return False
        if twins:
            raise UsageError(f'The job "{name}" is another one here')
        with self._writing(True) as (connection, account):
            put_job(connection, account, job)
        return True

    def add_round(self, key: int, round_: Round, parts: Sequence[Part]) -> Job:
        """Write down what is going to be sent again."""
        with self._writing(True) as (connection, _):
            put_round(connection, key, round_)
            put_parts(connection, key, parts)
        return self.get(key)

    def begin(self, key: int, number: int, *, at: datetime) -> Job:
        """Write down that a part is about to be sent, so that no crash can hide it.

        Raises:
            UsageError: if it is not merely planned.
        """
        changes = (
            "state = ?, attempted_at = ?,"
            " known_before = (SELECT coalesce(max(batch.key), 0) FROM batch)"
        )
        values = (PartState.SENDING, to_micros(at))
        return self._change(key, number, (PartState.PLANNED,), changes, values)

    def created(self, key: int, number: int, batch_id: str) -> Job:
        """Write down which batch a part became.

        Raises:
            UsageError: if it is known to be another already.
        """
        open_states = (PartState.SENDING, PartState.UNKNOWN)
        state = PartState.CREATED
        return self._move(key, number, open_states, state=state, batch_id=storable(batch_id))

    def doubt(self, key: int, number: int) -> Job:
        """Write down that a part was sent, and nobody knows whether it became a batch."""
        return self._move(
            key, number, (PartState.SENDING, PartState.UNKNOWN), state=PartState.UNKNOWN
        )

    def withdraw(self, key: int, number: int) -> Job:
        """Write down that a part did not become a batch, for certain or by a person's decision."""
        states = (PartState.SENDING, PartState.UNKNOWN)
        return self._move(key, number, states, state=PartState.PLANNED)

    def annotate(
        self,
        key: int,
        *,
        name: str | None = None,
        note: str | None = None,
        pinned: bool | None = None,
    ) -> Job:
        """Set what is given; a note of "" is taken away.

        Raises:
            UsageError: if another job has the name, or it is empty.
        """
        job = self.get(key)
        name = job.name if name is None else storable(name)
        other = self.named(name)
        if not name or (other is not None and other.key != key):
            raise UsageError(
                f'There is a job named "{safe_line(name, 60)}" already' if name else "No name",
                todo="Give this one another name",
            )
        note = job.note if note is None else storable(note)
        pinned = job.pinned if pinned is None else pinned
        with self._writing(False) as (connection, _):
            sql = "UPDATE job SET name = ?, note = ?, pinned = ? WHERE key = ?"
            connection.execute(sql, (name, note or None, pinned, key))
        return self.get(key)

    def take_over(self, key: int) -> Job:
        """Make a job that was begun with other credentials one of this account.

        Its name gets its number if another job has that name.
        """
        with self._writing(True) as (connection, account):
            sql = (
                "UPDATE job SET account = ?1, name = CASE WHEN EXISTS (SELECT 1 FROM job AS other"
                " WHERE other.account = ?1 AND other.name = job.name AND other.key <> job.key)"
                " THEN name || ' ' || key ELSE name END WHERE key = ?2"
            )
            connection.execute(sql, (account, key))
        return self.get(key)

    def relocate(self, key: int, number: int, path: str) -> Job:
        """Write down that the request file of a round is now elsewhere."""
        with self._writing(True) as (connection, _):
            sql = "UPDATE round SET request_file = ? WHERE job = ? AND number = ?"
            connection.execute(sql, (storable(path), key, number))
        return self.get(key)

    def remove(self, key: int) -> None:
        """Forget a job of which nothing was sent.

        Raises:
            UsageError: if something was, or may have been.
        """
        with self._writing(False) as (connection, _):
            sql = "SELECT 1 FROM part WHERE job = ? AND state <> ?"
            if connection.execute(sql, (key, PartState.PLANNED.value)).fetchone():
                raise UsageError("Parts of this job were sent, so that it has to be remembered")
            drop_job(connection, key)

    def _move(self, key: int, number: int, allowed: Sequence[PartState], **values: object) -> Job:
        changes = ", ".join(f"{name} = ?" for name in values)
        return self._change(key, number, allowed, changes, tuple(values.values()))

    def _change(
        self,
        key: int,
        number: int,
        allowed: Sequence[PartState],
        changes: str,
        values: Sequence[object],
    ) -> Job:
        marks = ", ".join("?" * len(allowed))
        sql = f"UPDATE part SET {changes} WHERE job = ? AND number = ? AND state IN ({marks})"
        with self._writing(True) as (connection, _):
            moved = connection.execute(sql, (*values, key, number, *allowed)).rowcount
        if not moved:
            raise UsageError(
                f"Part {number} of this job is not in the state it was taken to be in",
                todo="Another batchtui may be at work on it",
            )
        return self.get(key)

    def _read(self, condition: str, values: Sequence[object]) -> Iterator[Job]:
        return read_jobs(
            self._store.rows, f"job.account = ? {condition}", (self._account_key(), *values)
        )
