"""What the session makes of events and of the history together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from batchtui.account.events import Changed, Event, JobsChanged, Seen
from batchtui.account.opening import open_account
from batchtui.domain.batch import Sighting, decode_batch
from batchtui.domain.pricing import PriceTable
from batchtui.settings.credentials import identify
from batchtui.settings.schema import Settings
from batchtui.ui.session import Session
from batchtui.ui.title import Title
from tests.jobs import make_job

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BODY = b"""{"id":"msgbatch_a","processing_status":"in_progress","created_at":"2026-11-23T11:00:00Z",
"request_counts":{"processing":5,"succeeded":0,"errored":0,"canceled":0,"expired":0}}"""


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    account = open_account(
        directory=tmp_path / "config",
        settings=Settings(),
        identity=identify({}, base_url="http://127.0.0.1:9"),
        offline=True,
        clock=lambda: NOW,
    ).account
    account.history.observe([Sighting(decode_batch(BODY), BODY)], at=NOW)
    session = Session(
        account,
        Title("", "", ""),
        prices=PriceTable("", {}, 0),
        every=0,
        on_event=lambda event: None,
        on_crash=lambda error: None,
    )
    yield session
    session.engine.stop()


async def test_what_happens_while_the_history_is_read_is_not_lost(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def read_and_be_late(read: Callable[[], Any]) -> Any:
        found = read()
        said: list[Event] = []
        session.account.listen(said.append)
        session.account.annotate("msgbatch_a", label="new")
        for event in said:
            assert isinstance(event, Changed)
            session.take(event)
        return found

    monkeypatch.setattr(session.engine, "get", read_and_be_late)
    await session.reload()
    assert session.records["msgbatch_a"].label == "new"


async def test_what_happened_before_is_read_anew(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def read(read: Callable[[], Any]) -> Any:
        return read()

    monkeypatch.setattr(session.engine, "get", read)
    said: list[Event] = []
    session.account.listen(said.append)
    session.account.annotate("msgbatch_a", label="old")
    for event in said:
        session.take(event)
    session.account.history.annotate("msgbatch_a", label="of another process")
    await session.reload()
    assert session.records["msgbatch_a"].label == "of another process"


def test_a_batch_that_stays_as_it_is_is_seen_all_the_same(session: Session) -> None:
    later = NOW + timedelta(minutes=5)
    session.take(Seen(("msgbatch_a", "msgbatch_unknown"), later))
    assert session.records["msgbatch_a"].last_seen_at == later
    session.take(Seen(("msgbatch_a",), NOW))
    assert session.records["msgbatch_a"].last_seen_at == later
    assert list(session.records) == ["msgbatch_a"]


def test_a_job_has_ended_when_all_of_it_has(session: Session) -> None:
    history = session.account.history
    ended = {"a": _ended("msgbatch_a"), "b": _ended("msgbatch_b")}
    history.observe([Sighting(decode_batch(body), body) for body in ended.values()], at=NOW)
    job = make_job(history, "tickets", ["msgbatch_a", "msgbatch_b"], unsent=[5], at=NOW)
    for batch_id in job.batch_ids:
        session.records[batch_id] = session.account.known(batch_id)
    batches = [session.records[each] for each in job.batch_ids]
    assert session.ended_rows(batches) == batches
    session.take(JobsChanged((job,)))
    assert session.ended_rows(batches) == []
    history.jobs.begin(job.key, 3, at=NOW)
    history.observe([Sighting(decode_batch(_ended("c")), _ended("c"))], at=NOW)
    session.records["c"] = session.account.known("c")
    session.take(JobsChanged((history.jobs.created(job.key, 3, "c"),)))
    assert [each.name for each in session.ended_rows(batches)] == ["tickets"]


async def test_jobs_are_read_with_their_batches(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def read(read: Callable[[], Any]) -> Any:
        return read()

    monkeypatch.setattr(session.engine, "get", read)
    history = session.account.history
    history.observe([Sighting(decode_batch(_ended("b")), _ended("b"))], at=NOW)
    job = make_job(history, "tickets", ["msgbatch_a", "b"], at=NOW)
    await session.reload()
    assert list(session.rows) == [job.id]
    assert [each.name for each in session.of([job.id, "b", "nowhere"])] == [
        "tickets",
        "tickets 2/2",
    ]


def _ended(batch_id: str) -> bytes:
    body = BODY.replace(b"in_progress", b"ended").replace(b"msgbatch_a", batch_id.encode())
    return body.replace(b'"processing":5,"succeeded":0', b'"processing":0,"succeeded":5')
