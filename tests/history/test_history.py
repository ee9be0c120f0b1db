"""What the history keeps of what it is shown, and what it says has changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from batchtui.domain.account import AccountKey
from batchtui.domain.batch import RequestCounts, Sighting
from batchtui.domain.errors import UsageError
from batchtui.history.history import History
from batchtui.history.reading import KnownAccount

Make = Callable[..., Sighting]
TICK = timedelta(seconds=5)


def test_a_new_batch_is_told_and_read_back(history: History, running: Make, now: datetime) -> None:
    ((old, new),) = history.observe([running()], at=now)
    assert old is None
    assert history.records() == [new]
    assert history.record("msgbatch_1") == new
    assert (new.first_seen_at, new.last_seen_at) == (now, now)
    assert history.body("msgbatch_1") == running().body
    assert history.records_with_bodies() == [(new, running().body)]


def test_an_empty_history(history: History, now: datetime) -> None:
    for nothing in (history.records, history.running, history.durations, history.accounts):
        assert nothing() == []
    assert history.find("msg") == history.ids_since(None) == []
    assert history.observations("msgbatch_1") == []
    assert history.set_gone(["msgbatch_1"], at=now) == []
    assert history.record("msgbatch_1") is None
    assert history.body("msgbatch_1") is None
    assert history.count() == history.unreadable == 0


def test_seeing_the_same_again_is_stored_but_no_difference(
    history: History, running: Make, now: datetime
) -> None:
    history.observe([running()], at=now)
    assert history.observe([running()], at=now + TICK) == []
    (record,) = history.records()
    assert (record.first_seen_at, record.last_seen_at) == (now, now + TICK)
    assert len(history.observations("msgbatch_1")) == 1


def test_a_field_this_version_does_not_know_is_kept_but_no_difference(
    history: History, running: Make, now: datetime
) -> None:
    history.observe([running()], at=now)
    other = running(unknown_field="another")
    assert history.observe([other], at=now + TICK) == []
    assert history.body("msgbatch_1") == other.body


def test_moving_counts_are_observed(history: History, running: Make, now: datetime) -> None:
    moved = running(request_counts={"processing": 6, "succeeded": 4})
    for step, sighting in enumerate([running(), running(), moved, moved]):
        history.observe([sighting], at=now + step * TICK)
    observed = history.observations("msgbatch_1")
    assert [(each.at, each.request_counts) for each in observed] == [
        (now, RequestCounts(processing=10)),
        (now + 2 * TICK, RequestCounts(processing=6, succeeded=4)),
    ]


def test_counts_beyond_what_the_file_can_hold(
    history: History, running: Make, now: datetime
) -> None:
    history.observe([running(request_counts={"processing": 10**30})], at=now)
    (record,) = history.records()
    assert record.batch.request_counts.processing == 10**30
    assert history.observations("msgbatch_1")[0].request_counts.processing == 2**63 - 1


def test_an_ended_batch_never_runs_again(
    history: History, running: Make, ended: Make, now: datetime
) -> None:
    history.observe([ended()], at=now)
    assert history.observe([running()], at=now + TICK) == []
    (record,) = history.records()
    assert record.batch == ended().batch
    assert record.last_seen_at == now + TICK
    assert history.body("msgbatch_1") == ended().body


def test_a_batch_twice_in_one_reading_counts_as_its_latest_stage(
    history: History, running: Make, ended: Make, now: datetime
) -> None:
    differences = history.observe([running(), ended(), running()], at=now)
    assert [new.batch for _, new in differences] == [ended().batch]


def test_newest_first_in_pages(history: History, running: Make, now: datetime) -> None:
    moments = {"b": 2, "a": 2, "old": 9, "new": 1}
    sightings = [
        running(batch_id, created_at=now - timedelta(hours=hours))
        for batch_id, hours in moments.items()
    ]
    history.observe(sightings, at=now)
    assert [record.id for record in history.records()] == ["new", "b", "a", "old"]
    assert [record.id for record in history.records(limit=2, offset=1)] == ["b", "a"]
    assert history.ids_since(now - timedelta(hours=2)) == ["new", "b", "a"]
    assert history.count() == 4


def test_running_is_what_can_still_change(
    history: History, running: Make, ended: Make, now: datetime
) -> None:
    history.observe([running("a"), running("b"), running("c"), ended("d")], at=now)
    history.set_deleted("b", at=now)
    history.set_gone(["c"], at=now)
    assert [record.id for record in history.running()] == ["a"]
    assert history.ids_since(None) == ["d", "a"]


def test_deleted_stays_deleted_and_gone_comes_back(
    history: History, ended: Make, now: datetime
) -> None:
    history.observe([ended("a"), ended("b")], at=now)
    deleted = history.set_deleted("a", at=now + TICK)
    assert deleted.deleted_at == now + TICK
    assert history.set_deleted("a", at=now + 2 * TICK) == deleted
    (gone,) = history.set_gone(["b", "never seen"], at=now + TICK)
    assert gone.gone_at == now + TICK

    differences = history.observe([ended("a"), ended("b")], at=now + 3 * TICK)
    assert [(old and old.gone_at, new.gone_at) for old, new in differences] == [(now + TICK, None)]
    assert [record.deleted_at for record in history.records()] == [None, now + TICK]


def test_annotations_survive_what_the_server_says(
    history: History, running: Make, ended: Make, now: datetime
) -> None:
    history.observe([running()], at=now)
    history.annotate("msgbatch_1", label="nightly", note="two\nlines")
    history.annotate("msgbatch_1", pinned=True, request_file="/home/me/requests.jsonl")
    ((_, new),) = history.observe([ended()], at=now + TICK)
    assert (new.label, new.note, new.pinned) == ("nightly", "two\nlines", True)
    assert new.request_file == "/home/me/requests.jsonl"
    cleared = history.annotate("msgbatch_1", label="", pinned=False, request_file="")
    assert cleared.request_file == ""
    assert (cleared.label, cleared.note, cleared.pinned) == ("", "two\nlines", False)
    assert history.record("msgbatch_1") == cleared


def test_a_batch_nobody_has_seen_cannot_be_changed(history: History, now: datetime) -> None:
    with pytest.raises(UsageError, match="not in the history"):
        history.annotate("msgbatch_9", label="x")
    with pytest.raises(UsageError, match="not in the history"):
        history.set_deleted("msgbatch_9", at=now)


def test_find(history: History, running: Make, now: datetime) -> None:
    ids = ["msgbatch_01ab", "msgbatch_01abc", "msgbatch_02", "odd id %_'\"\N{SNOWMAN}"]
    history.observe([running(each) for each in ids], at=now)
    history.annotate("msgbatch_02", label="nightly")
    assert history.find("msgbatch_01ab") == ["msgbatch_01ab"]
    assert history.find("msgbatch_01a") == ["msgbatch_01abc", "msgbatch_01ab"]
    assert history.find("01a") == ["msgbatch_01abc", "msgbatch_01ab"]
    assert history.find("nightly") == ["msgbatch_02"]
    assert history.find("odd id %") == [ids[3]]
    assert history.find("%") == history.find("") == history.find("\udcff") == []
    history.observe([running(f"many_{number}") for number in range(12)], at=now)
    assert len(history.find("many")) == 10


def test_text_that_is_not_unicode_is_stored_all_the_same(
    history: History, running: Make, now: datetime
) -> None:
    history.observe([running()], at=now)
    assert history.annotate("msgbatch_1", label="caf\udce9").label == "caf?"


def test_durations_are_of_batches_that_ran_to_their_own_end(
    history: History, running: Make, ended: Make, now: datetime
) -> None:
    others = [
        running("running"),
        ended("canceled", request_counts={"succeeded": 9, "canceled": 1}),
        ended("expired", request_counts={"succeeded": 9, "expired": 1}),
        ended("empty", request_counts={}),
        ended("without end", ended_at=None),
    ]
    history.observe([*others, ended("good"), ended("bad", request_counts={"errored": 3})], at=now)
    assert sorted(history.durations()) == [(3, 3600.0), (10, 3600.0)]


def test_durations_are_the_newest_thousand(history: History, ended: Make, now: datetime) -> None:
    sightings = [
        ended(
            str(number),
            created_at=now - timedelta(seconds=number),
            request_counts={"canceled": 1} if number % 2 else {"succeeded": 1},
        )
        for number in range(2500)
    ]
    history.observe(sightings, at=now)
    assert history.durations() == [(1, 2.0 * number) for number in range(1000)]


def test_accounts_are_kept_apart(
    history: History, directory: Path, account: AccountKey, running: Make, now: datetime
) -> None:
    other = AccountKey(account.endpoint, "wrkspc_2", "def456")
    history.observe([running("a")], at=now)
    second = History.open(directory, other, now=now)
    assert second.records() == []
    second.observe([running("a"), running("b")], at=now + TICK)
    second.annotate("a", label="of the second")
    assert history.record("a") == history.records()[0]
    assert history.records()[0].label == ""
    expected = [KnownAccount(other, 2, now + TICK), KnownAccount(account, 1, now)]
    assert history.accounts() == second.accounts() == expected
    second.close()


@pytest.mark.parametrize(
    ("endpoint", "workspace", "found"),
    [
        ("https://api.anthropic.com", "", ["later"]),
        ("https://api.anthropic.com", "wrkspc_1", ["earlier"]),
        ("https://api.anthropic.com", "wrkspc_3", []),
        ("http://127.0.0.1:8000", "", []),
    ],
)
def test_without_credentials_the_account_last_used_is_shown(
    history: History,
    directory: Path,
    running: Make,
    now: datetime,
    endpoint: str,
    workspace: str,
    found: list[str],
) -> None:
    history.observe([running("earlier")], at=now)
    other = AccountKey("https://api.anthropic.com", "wrkspc_2", "def456")
    second = History.open(directory, other, now=now)
    second.observe([running("later")], at=now + TICK)
    second.close()
    unknown = History.open(directory, AccountKey(endpoint, workspace, ""), now=now)
    assert [record.id for record in unknown.records()] == found
    unknown.close()


def test_a_write_by_another_connection_is_noticed_once(
    history: History, directory: Path, account: AccountKey, running: Make, now: datetime
) -> None:
    history.observe([running()], at=now)
    assert not history.changed_elsewhere()
    other = History.open(directory, account, now=now)
    other.annotate("msgbatch_1", label="from there")
    other.close()
    assert history.changed_elsewhere()
    assert not history.changed_elsewhere()
    assert history.records()[0].label == "from there"


def test_what_another_connection_only_saw_once_more_is_no_change(
    history: History, directory: Path, account: AccountKey, running: Make, now: datetime
) -> None:
    history.observe([running()], at=now)
    other = History.open(directory, account, now=now)
    other.observe([running()], at=now + TICK)
    assert not history.changed_elsewhere()
    assert history.records()[0].last_seen_at == now + TICK
    other.observe([running(), running("msgbatch_2")], at=now + 2 * TICK)
    assert history.changed_elsewhere()
    assert not other.changed_elsewhere()
    other.close()


def test_a_write_by_another_connection_is_noticed_after_one_of_our_own(
    history: History, directory: Path, account: AccountKey, running: Make, now: datetime
) -> None:
    other = History.open(directory, account, now=now)
    other.observe([running("msgbatch_2")], at=now)
    history.observe([running()], at=now + TICK)
    assert history.changed_elsewhere()
    assert not history.changed_elsewhere()
    assert other.changed_elsewhere()
    other.close()


def test_a_write_to_another_account_is_no_change(
    history: History, directory: Path, running: Make, now: datetime
) -> None:
    history.observe([running()], at=now)
    other = History.open(directory, AccountKey("elsewhere", "", "key"), now=now)
    other.observe([running()], at=now)
    other.close()
    assert not history.changed_elsewhere()


@pytest.mark.parametrize(
    "damage",
    [
        "body = CAST('not json' AS BLOB)",
        "body = x'ff'",
        "body = CAST('{}' AS BLOB)",
        "body = (SELECT body FROM batch WHERE id = 'good')",
        "first_seen_at = 'yesterday'",
        "first_seen_at = 9223372036854775807",
        "label = x'00'",
        "body = CAST(replace(CAST(body AS TEXT), '10', '-10') AS BLOB)",
    ],
)
def test_an_unreadable_row_is_left_out_and_mended_by_the_next_sighting(
    history: History, directory: Path, running: Make, now: datetime, damage: str
) -> None:
    history.observe([running("good"), running("bad")], at=now)
    history.annotate("bad", pinned=True)
    with sqlite3.connect(directory / "history.db") as connection:
        connection.execute(f"UPDATE batch SET {damage} WHERE id = 'bad'")
    connection.close()
    assert [record.id for record in history.records()] == ["good"]
    assert history.unreadable == 1
    assert history.record("bad") is None

    ((old, new),) = history.observe([running("bad"), running("good")], at=now + TICK)
    assert old is None
    assert new.pinned is damage.startswith("body")
    assert [record.id for record in history.records()] == ["good", "bad"]
    assert history.unreadable == 0
    assert history.record("bad") == new


def test_text_that_is_not_utf8_does_not_take_the_list_down(
    history: History, directory: Path, running: Make, now: datetime
) -> None:
    history.observe([running()], at=now)
    with sqlite3.connect(directory / "history.db") as connection:
        connection.execute("UPDATE batch SET label = CAST(x'ff' AS TEXT)")
    connection.close()
    assert history.records()[0].label == "\ufffd"


def test_in_memory(account: AccountKey, running: Make, now: datetime) -> None:
    history = History.in_memory(account, now=now)
    history.observe([running()], at=now)
    assert [record.id for record in history.running()] == ["msgbatch_1"]
    assert not history.changed_elsewhere()
    history.close()
    history.close()
