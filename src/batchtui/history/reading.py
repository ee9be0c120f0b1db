"""What is stored of the batches of one account, as it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from batchtui.domain.account import AccountKey
from batchtui.domain.batch import Record
from batchtui.history.rows import (
    SELECT,
    Observation,
    account_queries,
    from_micros,
    readable,
    storable,
    to_micros,
    to_observations,
)
from batchtui.history.store import Store

_NEWEST_FIRST = "ORDER BY created_at DESC, id DESC"
_RUNNING = "running = 1 AND deleted_at IS NULL AND gone_at IS NULL"
_SUGGESTIONS = 10
_PAST_BATCHES = 1000
_COMMON_START = "msgbatch_"
_PAGE = 500


class KnownAccount(msgspec.Struct, frozen=True):
    """An account of which batches were seen, and when it was last written to."""

    account: AccountKey
    batches: int
    last_used_at: datetime


class Reading:
    """The stored batches of one account; every method raises `StorageError`.

    Attributes:
        unreadable: how many rows the last list left out because they make no sense.
    """

    def __init__(self, store: Store, account: AccountKey) -> None:
        self.unreadable = 0
        self._store = store
        self._account = account
        self._account_key: int | None = None

    def records(self, *, limit: int | None = None, offset: int = 0) -> list[Record]:
        """The batches, newest first."""
        return [record for record, _ in self.records_with_bodies(limit=limit, offset=offset)]

    def records_with_bodies(
        self, *, limit: int | None = None, offset: int = 0
    ) -> list[tuple[Record, bytes]]:
        """The batches, newest first, each with the JSON object last received."""
        raw = self._rows("", limit=limit, offset=offset)
        found = [(record, row.body) for row, record in readable(raw)]
        self.unreadable = len(raw) - len(found)
        return found

    def running(self) -> list[Record]:
        """The batches that are being processed as far as known, newest first."""
        return [record for _, record in readable(self._rows(f"AND {_RUNNING}"))]

    def running_since(self) -> dict[str, datetime]:
        """When each of these was created, by id; cheaper, as none of them is read."""
        sql = f"SELECT id, created_at FROM batch WHERE account = ? AND {_RUNNING}"
        return {id_: from_micros(at) for id_, at in self._store.rows(sql, (self._key(),))}

    def record(self, batch_id: str) -> Record | None:
        """One batch."""
        found = self._one(batch_id)
        return found and found[0]

    def body(self, batch_id: str) -> bytes | None:
        """The JSON object last received of one batch."""
        found = self._one(batch_id)
        return found and found[1]

    def count(self) -> int:
        """How many batches there are, unreadable ones too."""
        sql = "SELECT count(*) FROM batch WHERE account = ?"
        return int(self._store.rows(sql, (self._key(),))[0][0])

    def known(self, batch_ids: Sequence[str]) -> frozenset[str]:
        """Which of these ids the history has, be they a few or many."""
        found: set[str] = set()
        for start in range(0, len(batch_ids), _PAGE):
            some = [storable(each) for each in batch_ids[start : start + _PAGE]]
            marks = ",".join("?" * len(some))
            sql = f"SELECT id FROM batch WHERE account = ? AND id IN ({marks})"
            found.update(each for (each,) in self._store.rows(sql, (self._key(), *some)))
        return frozenset(found)

    def find(self, text: str) -> list[str]:
        """At most ten ids that `text` may mean, newest first.

        An id it equals is the only one. Else those with it as their label, and those that begin
        with it, with or without "msgbatch_".
        """
        text = storable(text)
        if not text:
            return []
        if self.record(text):
            return [text]
        starts = (text, _COMMON_START + text)
        condition = "(label = ? OR substr(id, 1, ?) = ? OR substr(id, 1, ?) = ?)"
        sql = f"SELECT id FROM batch WHERE account = ? AND {condition} {_NEWEST_FIRST} LIMIT ?"
        lengths = [each for start in starts for each in (len(start), start)]
        rows = self._store.rows(sql, (self._key(), text, *lengths, _SUGGESTIONS))
        return [batch_id for (batch_id,) in rows]

    def ids_since(self, moment: datetime | None) -> list[str]:
        """Ids the API should still know of batches created at `moment` or later, newest first.

        None stands for the beginning of time.
        """
        sql = (
            "SELECT id FROM batch WHERE account = ? AND created_at >= ?"
            f" AND deleted_at IS NULL AND gone_at IS NULL {_NEWEST_FIRST}"
        )
        since = -(2**63) if moment is None else to_micros(moment)
        return [batch_id for (batch_id,) in self._store.rows(sql, (self._key(), since))]

    def observations(self, batch_id: str) -> list[Observation]:
        """How a batch stood over time, oldest first; only where it differs from before."""
        sql = """
            SELECT at, processing_status, processing, succeeded, errored, canceled, expired
            FROM observation
            WHERE batch = (SELECT key FROM batch WHERE account = ? AND id = ?) ORDER BY at
        """
        return to_observations(self._store.rows(sql, (self._key(), storable(batch_id))))

    def durations(self) -> list[tuple[int, float]]:
        """Requests and seconds of the newest 1000 batches that ran to their own end."""
        found: list[tuple[int, float]] = []
        offset = 0
        while len(found) < _PAST_BATCHES:
            raw = self._rows("AND running = 0", limit=_PAGE, offset=offset)
            if not raw:
                break
            offset += len(raw)
            found.extend(each for _, record in readable(raw) if (each := _duration(record)))
        return found[:_PAST_BATCHES]

    def accounts(self) -> list[KnownAccount]:
        """All accounts in the file, the one last used first."""
        sql = """
            SELECT endpoint, workspace, fingerprint, last_used_at,
                   (SELECT count(*) FROM batch WHERE batch.account = account.key)
            FROM account ORDER BY last_used_at DESC
        """
        return [
            KnownAccount(AccountKey(endpoint, workspace, fingerprint), batches, from_micros(used))
            for endpoint, workspace, fingerprint, used, batches in self._store.rows(sql)
        ]

    # How rows are chosen

    def _key(self) -> int | None:
        """The key of the account; None as long as nothing was stored for it."""
        if self._account_key is None:
            queries = account_queries(self._account, "key")
            found = (key for query in queries for (key,) in self._store.rows(*query))
            self._account_key = next(found, None)
        return self._account_key

    def _rows(self, condition: str, *, limit: int | None = None, offset: int = 0) -> list[Any]:
        sql = f"{SELECT} WHERE account = ? {condition} {_NEWEST_FIRST} LIMIT ? OFFSET ?"
        return self._store.rows(sql, (self._key(), -1 if limit is None else limit, offset))

    def _one(self, batch_id: str) -> tuple[Record, bytes] | None:
        sql = f"{SELECT} WHERE account = ? AND id = ?"
        raw = self._store.rows(sql, (self._key(), storable(batch_id)))
        return next(((record, row.body) for row, record in readable(raw)), None)


def _duration(record: Record) -> tuple[int, float] | None:
    """Requests and seconds, if the batch was neither canceled nor expired, nor empty."""
    seconds = record.batch.own_seconds
    return None if seconds is None else (record.batch.request_counts.total, seconds)
