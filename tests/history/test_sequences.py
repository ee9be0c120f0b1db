"""Whatever is observed, written and deleted, in whatever order: a plain model agrees."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from batchtui.domain.account import AccountKey
from batchtui.domain.batch import Record, Sighting, decode_batch
from batchtui.history.history import History
from batchtui.history.merging import merge

START = datetime(2026, 1, 2, 12, tzinfo=UTC)
ACCOUNTS = [AccountKey("https://a.example", "", "k"), AccountKey("https://b.example", "w", "k")]
IDS = st.sampled_from(["a", "b", "c' --", "d\N{SNOWMAN}\x00", "\N{RIGHT-TO-LEFT OVERRIDE}e"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
COUNTS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(["processing", "succeeded", "errored"], st.integers(0, 3))
)


def made(batch_id: str, status: str, counts: dict[str, int], extra: str) -> Sighting:
    body = {
        "id": batch_id,
        "processing_status": status,
        "request_counts": counts,
        "created_at": START - timedelta(seconds=ord(batch_id[0])),
        "extra": extra,
    }
    raw = msgspec.json.encode(body)
    return Sighting(decode_batch(raw), raw)


SIGHTINGS = st.builds(
    made, IDS, st.sampled_from(["in_progress", "canceling", "ended", "new word"]), COUNTS, TEXTS
)


class Sequences(RuleBasedStateMachine):
    """Drives a history on disk and a dictionary side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.account = ACCOUNTS[0]
        self.known: dict[AccountKey, dict[str, Record]] = {each: {} for each in ACCOUNTS}

    @initialize()
    def begin(self) -> None:
        self.directory = tempfile.TemporaryDirectory()
        self.open()

    def open(self) -> None:
        self.history = History.open(Path(self.directory.name), self.account, now=self.now)

    def teardown(self) -> None:
        self.history.close()
        self.directory.cleanup()

    @property
    def mine(self) -> dict[str, Record]:
        return self.known[self.account]

    @rule(seconds=st.integers(-3, 60))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(account=st.sampled_from(ACCOUNTS))
    def reopen(self, account: AccountKey) -> None:
        self.history.close()
        self.account = account
        self.open()
        assert self.history.notice is None

    @rule(sightings=st.lists(SIGHTINGS, max_size=4, unique_by=lambda each: each.batch.id))
    def observe(self, sightings: list[Sighting]) -> None:
        expected = []
        for sighting in sightings:
            batch = sighting.batch
            old = self.mine.get(batch.id)
            new = merge(old, batch, self.now) if old else Record(batch, self.now, self.now)
            self.mine[batch.id] = new
            last_seen_at = new.last_seen_at
            if old is None or msgspec.structs.replace(old, last_seen_at=last_seen_at) != new:
                expected.append((old, new))
        assert self.history.observe(sightings, at=self.now) == expected

    @rule(
        batch_id=IDS,
        label=st.none() | TEXTS,
        note=st.none() | TEXTS,
        pinned=st.none() | st.booleans(),
    )
    def annotate(
        self, batch_id: str, label: str | None, note: str | None, pinned: bool | None
    ) -> None:
        if batch_id in self.mine:
            old = self.mine[batch_id]
            self.mine[batch_id] = msgspec.structs.replace(
                old,
                label=old.label if label is None else label,
                note=old.note if note is None else note,
                pinned=old.pinned if pinned is None else pinned,
            )
            new = self.history.annotate(batch_id, label=label, note=note, pinned=pinned)
            assert new == self.mine[batch_id]

    @rule(batch_id=IDS)
    def delete(self, batch_id: str) -> None:
        if batch_id in self.mine:
            old = self.mine[batch_id]
            self.mine[batch_id] = msgspec.structs.replace(
                old, deleted_at=old.deleted_at or self.now
            )
            assert self.history.set_deleted(batch_id, at=self.now) == self.mine[batch_id]

    @rule(batch_ids=st.sets(IDS))
    def lose(self, batch_ids: set[str]) -> None:
        gone = self.history.set_gone(batch_ids, at=self.now)
        assert {record.id for record in gone} == batch_ids & self.mine.keys()
        self.mine.update({record.id: record for record in gone})

    @invariant()
    def they_agree(self) -> None:
        newest_first = sorted(
            self.mine.values(), key=lambda each: (each.batch.created_at, each.id), reverse=True
        )
        assert self.history.records() == newest_first
        assert self.history.running() == [each for each in newest_first if each.running]
        assert self.history.count() == len(newest_first)
        assert self.history.unreadable == 0
        for batch_id, record in self.mine.items():
            last = self.history.observations(batch_id)
            assert any(each.request_counts == record.batch.request_counts for each in last)


Sequences.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestSequences = Sequences.TestCase
