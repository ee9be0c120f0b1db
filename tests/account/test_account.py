"""The verbs of an account, over HTTP against the simulator."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from batchtui.account.account import Account
from batchtui.account.events import Changed, Seen
from batchtui.account.plans import Verb
from batchtui.domain.batch import Outcome, Record, ResultsState
from batchtui.domain.changes import What
from batchtui.domain.errors import (
    ApiError,
    BatchtuiError,
    NotFoundError,
    RateLimitedError,
    ReadOnlyError,
    RefusedError,
    ResultsError,
    SpendLimitError,
    UnauthorizedError,
    UsageError,
)
from batchtui.results.builder import Progress
from batchtui.results.reader import ResultFile
from batchtui.simulator.clock import FixedClock
from tests.account.conftest import Bench, OpenAccount
from tests.conftest import StartSimulator


async def read_list(account: Account) -> list[Record]:
    """Bring the newest batches into the history."""
    account.observe((await account.api.list(limit=100)).sightings)
    return account.records()


def first(records: list[Record], outcome: Outcome) -> Record:
    return next(each for each in records if each.batch.outcome is outcome)


def told(bench: Bench, what: What) -> list[str]:
    return [
        change.record.id
        for event in bench.events
        if isinstance(event, Changed)
        for change in event.changes
        if change.what is what
    ]


async def test_what_the_server_lists_is_in_the_history(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    bench = open_account(simulator("demo", clock=fixed_clock), fixed_clock)
    records = await read_list(bench.account)
    assert len(records) > 40
    assert sorted(told(bench, What.APPEARED)) == sorted(each.id for each in records)
    bench.events.clear()
    await read_list(bench.account)
    assert bench.events == [Seen(tuple(each.id for each in records), fixed_clock())]


async def test_cancel_and_a_second_cancel(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    bench = open_account(simulator("demo", clock=fixed_clock), fixed_clock)
    account = bench.account
    running = first(await read_list(account), Outcome.RUNNING)
    assert await account.cancel(running.id) == "is being canceled"
    assert account.known(running.id).batch.outcome is Outcome.CANCELING
    assert told(bench, What.STATUS) == [running.id]
    assert await account.cancel(running.id) == "is being canceled"


async def test_canceling_what_has_ended_says_so_and_changes_nothing(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    account = open_account(simulator("demo", clock=fixed_clock), fixed_clock).account
    ended = first(await read_list(account), Outcome.SUCCEEDED)
    assert await account.cancel(ended.id) == "had ended already (succeeded)"


async def test_delete_and_a_second_delete(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    bench = open_account(simulator("demo", clock=fixed_clock), fixed_clock)
    account = bench.account
    ended = first(await read_list(account), Outcome.SUCCEEDED)
    assert await account.delete(ended.id) == "is deleted"
    assert account.known(ended.id).deleted_at == fixed_clock()
    assert told(bench, What.DELETED) == [ended.id]
    assert await account.delete(ended.id) == "had been deleted already"


async def test_a_running_batch_is_not_deleted(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    account = open_account(simulator("demo", clock=fixed_clock), fixed_clock).account
    running = first(await read_list(account), Outcome.RUNNING)
    with pytest.raises(RefusedError, match="cannot be deleted"):
        await account.delete(running.id)
    assert account.known(running.id).on_server


async def test_what_was_deleted_elsewhere_is_marked_as_gone(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    bench = open_account(server, fixed_clock)
    ended = first(await read_list(bench.account), Outcome.SUCCEEDED)
    server.world.delete(ended.id)
    assert await bench.account.delete(ended.id) == "was no longer on the server"
    assert bench.account.known(ended.id).gone_at is not None
    assert told(bench, What.GONE) == [ended.id]


async def test_one_404_is_not_believed(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    account = open_account(server, fixed_clock).account
    ended = first(await read_list(account), Outcome.SUCCEEDED)
    server.faults.add("404/delete:1")
    with pytest.raises(NotFoundError):
        await account.delete(ended.id)
    assert account.known(ended.id).on_server


async def test_read_only_refuses_before_anything_is_sent(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    account = open_account(server, fixed_clock, read_only=True).account
    ended = first(await read_list(account), Outcome.SUCCEEDED)
    before = len(server.calls)
    for verb in (account.cancel, account.delete):
        with pytest.raises(ReadOnlyError, match="read-only"):
            await verb(ended.id)
    assert len(server.calls) == before


async def test_offline_needs_no_server_for_what_is_known(
    open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    account = open_account(None, fixed_clock).account
    assert account.records() == []
    with pytest.raises(UsageError, match="offline"):
        await account.refresh("msgbatch_x")


@pytest.mark.parametrize("fault", ["429=0:2", "429-bare:2", "529:2", "500:2", "502:2", "broken:1"])
async def test_passing_faults_are_waited_out_and_told(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock, fault: str
) -> None:
    server = simulator("demo", clock=fixed_clock)
    account = open_account(server, fixed_clock).account
    running = first(await read_list(account), Outcome.RUNNING)
    waits: list[BatchtuiError] = []
    server.faults.add(fault)
    said = await account.cancel(running.id, on_wait=lambda error, _: waits.append(error))
    assert said == "is being canceled"
    assert len(waits) == int(fault[-1])


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("401", UnauthorizedError),
        ("403", UnauthorizedError),
        ("spend-cap", SpendLimitError),
        ("400", RefusedError),
        ("429=3600", RateLimitedError),
    ],
)
async def test_faults_that_stay_end_the_verb_at_once(
    simulator: StartSimulator,
    open_account: OpenAccount,
    fixed_clock: FixedClock,
    fault: str,
    error: type[ApiError],
) -> None:
    server = simulator("demo", clock=fixed_clock)
    account = open_account(server, fixed_clock).account
    ended = first(await read_list(account), Outcome.SUCCEEDED)
    server.faults.add(f"{fault}/delete")
    before = len(server.calls)
    with pytest.raises(error):
        await account.delete(ended.id)
    assert len(server.calls) == before + 1
    assert account.known(ended.id).on_server


async def test_that_a_batch_to_cancel_is_not_there_is_doubted(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    account = open_account(server, fixed_clock).account
    running = first(await read_list(account), Outcome.RUNNING)
    server.faults.add("404/cancel:2")
    assert await account.cancel(running.id) == "is being canceled"
    with pytest.raises(NotFoundError):
        await account.cancel("msgbatch_never_was")


async def test_whether_a_batch_is_gone_is_asked_again_after_passing_trouble(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    account = open_account(server, fixed_clock).account
    ended = first(await read_list(account), Outcome.SUCCEEDED)
    server.world.delete(ended.id)
    server.faults.add("500/retrieve:2")
    assert await account.delete(ended.id) == "was no longer on the server"


async def test_several_at_once_each_with_its_own_end(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    account = open_account(simulator("demo", clock=fixed_clock), fixed_clock).account
    records = await read_list(account)
    ended = [each.id for each in records if each.batch.outcome is Outcome.SUCCEEDED][:6]
    running = first(records, Outcome.RUNNING).id
    ends = {each: end async for each, end in account.each(Verb.DELETE, [*ended, running])}
    assert {each: ends[each] for each in ended} == dict.fromkeys(ended, "is deleted")
    assert isinstance(ends[running], RefusedError)


async def test_fetch_puts_the_results_here(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    bench = open_account(simulator("demo", clock=fixed_clock), fixed_clock)
    account = bench.account
    partial = first(await read_list(account), Outcome.PARTIAL)
    fetched = await account.fetch(partial.id, on_progress=lambda progress: None)
    assert fetched.lines == partial.batch.request_counts.total
    assert account.known(partial.id).results(fixed_clock()) is ResultsState.HERE
    assert told(bench, What.RESULTS) == [partial.id]
    with account.results.open(partial.id) as results:
        assert results.tally()["succeeded"] == partial.batch.request_counts.succeeded


async def test_what_changes_during_a_download_is_told_as_it_is_after_it(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    bench = open_account(simulator("demo", clock=fixed_clock), fixed_clock)
    account = bench.account
    ended = first(await read_list(account), Outcome.SUCCEEDED)

    def meanwhile(_: Progress) -> None:
        account.annotate(ended.id, label="meanwhile")

    await account.fetch(ended.id, on_progress=meanwhile)
    last = bench.events[-1]
    assert isinstance(last, Changed)
    assert [each.record for each in last.changes] == [account.known(ended.id)]
    assert last.changes[0].record.label == "meanwhile"


@pytest.mark.parametrize(
    "fault", ["reset/results:1", "truncate/results:1", "404/results:1", "stall/results:1"]
)
async def test_a_download_that_breaks_is_tried_again(
    simulator: StartSimulator,
    open_account: OpenAccount,
    fixed_clock: FixedClock,
    fault: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("batchtui.api.sdk.RESULTS_READ_SECONDS", 0.5)
    server = simulator("demo", clock=fixed_clock)
    account = open_account(server, fixed_clock).account
    ended = first(await read_list(account), Outcome.SUCCEEDED)
    server.faults.add(fault)
    fetched = await account.fetch(ended.id, on_progress=lambda progress: None)
    assert fetched.lines == ended.batch.request_counts.total


async def test_a_download_that_is_cancelled_leaves_nothing(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    account = open_account(server, fixed_clock).account
    ended = first(await read_list(account), Outcome.SUCCEEDED)
    server.faults.add("stall/results")
    fetching = asyncio.create_task(account.fetch(ended.id, on_progress=lambda progress: None))
    while not any(call.operation == "results" for call in server.calls):
        await asyncio.sleep(0.01)
    fetching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetching
    assert account.known(ended.id).results(fixed_clock()) is ResultsState.AVAILABLE
    assert not account.results.here().stems


async def test_results_that_are_not_there_are_not_asked_for(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    account = open_account(simulator("demo", clock=fixed_clock), fixed_clock).account
    records = await read_list(account)
    running = first(records, Outcome.RUNNING)
    with pytest.raises(ResultsError, match="has not ended"):
        await account.fetch(running.id, on_progress=lambda progress: None)
    archived = next(each for each in records if each.batch.archived_at)
    with pytest.raises(ResultsError, match="no longer has the results"):
        await account.fetch(archived.id, on_progress=lambda progress: None)


async def test_label_note_and_pin_are_kept_and_told(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    bench = open_account(simulator("demo", clock=fixed_clock), fixed_clock)
    account = bench.account
    some = (await read_list(account))[0]
    account.annotate(some.id, label="nightly")
    after = account.annotate(some.id, note="v14", pinned=True)
    assert (after.label, after.note, after.pinned) == ("nightly", "v14", True)
    assert account.known(some.id) == after
    assert told(bench, What.EDITED) == [some.id, some.id]
    with pytest.raises(UsageError, match="not been seen"):
        account.annotate("msgbatch_unheard_of", label="x")


async def test_what_a_person_adds_teaches_nothing_about_durations(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    account = open_account(simulator("demo", clock=fixed_clock), fixed_clock).account
    records = await read_list(account)
    past = account.past
    account.annotate(first(records, Outcome.SUCCEEDED).id, label="nightly")
    assert account.past is past
    fixed_clock.advance(3600)
    await read_list(account)
    assert account.past is not past


async def test_rows_come_before_the_end_and_anew_after_a_cut(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    account = open_account(server, fixed_clock).account
    ended = max(
        (each for each in await read_list(account) if each.batch.outcome is Outcome.SUCCEEDED),
        key=lambda each: each.batch.request_counts.total,
    )
    server.faults.add("reset/results:1")
    seen: list[ResultFile] = []
    whole = await account.fetch(ended.id, on_progress=lambda _: None, on_rows=seen.append)
    assert len(seen) >= 2
    assert len(seen[0]) < whole.lines
    for file in seen:
        assert [file.result(number).custom_id for number in range(len(file))] == [
            file.row(number).custom_id for number in range(len(file))
        ]
    assert seen[0].line(0) == seen[-1].line(0)


async def test_what_is_here_but_no_longer_there_is_not_asked_for(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    server = simulator("demo", clock=fixed_clock)
    account = open_account(server, fixed_clock).account
    ended = first(await read_list(account), Outcome.SUCCEEDED)
    whole = await account.fetch(ended.id, on_progress=lambda _: None)
    again = await account.fetch(ended.id, on_progress=lambda _: None)
    assert again == whole
    await account.delete(ended.id)
    with pytest.raises(ResultsError, match="The copy fetched earlier is kept here"):
        await account.fetch(ended.id, on_progress=lambda _: None)


async def test_what_the_api_drops_soon(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    account = open_account(simulator("demo", clock=fixed_clock), fixed_clock).account
    records = await read_list(account)
    now = fixed_clock()
    for within in (timedelta(0), timedelta(days=7), timedelta(days=20), timedelta(days=30)):
        found = account.expiring(within)
        assert {each.id for each in found} == {
            each.id
            for each in records
            if each.results(now) is ResultsState.AVAILABLE
            and each.batch.results_expire_at <= now + within
        }
        deadlines = [each.batch.results_expire_at for each in found]
        assert deadlines == sorted(deadlines)
    await account.fetch(found[0].id, on_progress=lambda _: None)
    assert account.expiring(within) == found[1:]
    assert len(account.expiring(within, again=True)) == len(found)
