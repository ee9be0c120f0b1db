"""The results of a job as one list, which grows as its batches come."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from textual.pilot import Pilot

from batchtui.domain.batch import Outcome, Record, RequestCounts, ResultsState
from batchtui.domain.job import Job, Part, Round
from batchtui.simulator.clock import FixedClock
from batchtui.ui.screens.export import ExportScreen
from batchtui.ui.screens.job_results import JobResultsScreen, results_screen
from batchtui.ui.screens.result import ResultScreen
from batchtui.ui.widgets.canvas import Canvas
from tests.ui.screens.conftest import Host, Hosting, StartSimulator, until
from tests.ui.screens.kept import answer, failure


def seen(app: Host) -> str:
    """The text of all that is shown."""
    widgets = [each for each in app.screen.query(Canvas) if each.display and each.size]
    return "\n".join(
        widget.render_line(y).text for widget in widgets for y in range(widget.size.height)
    )


def requests(record: Record) -> int:
    return record.batch.request_counts.total


def fetchable(app: Host) -> list[Record]:
    """The two smallest batches whose results can be fetched."""
    now, available = app.session.now(), ResultsState.AVAILABLE
    found = [each for each in app.session.records.values() if each.results(now) is available]
    return sorted(found, key=requests)[:2]


async def add_job(
    app: Host, records: Sequence[Record], *, again: Record | None = None, file: str = ""
) -> str:
    """Make a job of batches, and perhaps one more in a second round; returns its id."""
    account = app.session.account

    def add() -> Job:
        jobs, now = account.history.jobs, account.clock()
        parts = [part(number, 0, each) for number, each in enumerate(records, 1)]
        key = jobs.add("reviews", round_(0, records, now, file), parts, at=now).key
        if again:
            more = part(len(parts) + 1, 1, again)
            jobs.add_round(key, round_(1, [again], now, file), [more])
        for number, each in enumerate([*records, *([again] if again else [])], 1):
            jobs.begin(key, number, at=now)
            jobs.created(key, number, each.id)
        return jobs.get(key)

    job = await app.session.engine.get(add)
    await app.session.reload()
    return job.id


def part(number: int, of: int, record: Record) -> Part:
    return Part(number, of, 0, 1, 1, requests(record), 1, b"p")


def round_(number: int, records: Sequence[Record], now: datetime, file: str) -> Round:
    of = sum(map(requests, records))
    return Round(number, file, 1, b"d", of, now, RequestCounts(expired=of if number else 0))


async def keep(app: Host, record: Record, lines: Sequence[bytes]) -> None:
    account = app.session.account
    path = account.results.path(record.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\n".join(lines) + b"\n")
    await app.session.engine.get(account.reload_if_changed)
    await app.session.reload()


async def open_job(app: Host, pilot: Pilot[int], job_id: str) -> JobResultsScreen:
    screen = results_screen(app.session, job_id)
    assert isinstance(screen, JobResultsScreen)
    await app.push_screen(screen)
    await until(pilot, lambda: screen.merged is not None)
    return screen


async def test_what_is_not_here_is_fetched_one_after_the_other(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    server = simulator()
    async with hosting(server.base_url, size=(120, 40)) as (app, pilot):
        records = fetchable(app)
        screen = await open_job(app, pilot, await add_job(app, records))
        await until(pilot, lambda: screen.merged and screen.merged.here == 2 and not screen.fetch)
        await until(pilot, lambda: screen.shown)
        assert screen.file is not None
        ids = {screen.file.row(number).custom_id for number in range(len(screen.file))}
        assert len(ids) == len(screen.file)
        assert "reviews" in seen(app)
        assert "batch 1 of 2" in seen(app)
        assert len([call for call in server.calls if call.path.endswith("/results")]) == 2
        # They are kept, and open again without the network.
        await pilot.press("escape")
        again = await open_job(app, pilot, screen.batch_id)
        assert again.merged is not None
        assert again.merged.here == 2
        assert len([call for call in server.calls if call.path.endswith("/results")]) == 2


async def test_what_is_here_is_listed_while_the_rest_runs(
    simulator: StartSimulator, hosting: Hosting, fixed_clock: FixedClock
) -> None:
    server = simulator(clock=fixed_clock)
    async with hosting(server.base_url, size=(120, 40), clock=fixed_clock) as (app, pilot):
        done = fetchable(app)[0]
        running = min(
            (
                each
                for each in app.session.records.values()
                if each.batch.outcome is Outcome.RUNNING
            ),
            key=requests,
        )
        screen = await open_job(app, pilot, await add_job(app, [done, running]))
        await until(pilot, lambda: screen.shown)
        assert f"1 of 2 batches is here: {requests(running):,} in batches that" in seen(app)
        fixed_clock.advance(30 * 3600)
        app.session.engine.call(app.session.poller.refresh)
        await until(pilot, lambda: screen.merged and screen.merged.here == 2)
        await until(pilot, lambda: not screen.fetch)
        assert "batches is here" not in seen(app)


async def test_each_line_says_where_it_is_from(
    simulator: StartSimulator, hosting: Hosting, tmp_path: Path
) -> None:
    file = tmp_path / "requests.jsonl"
    lines = (
        {"custom_id": each, "params": {"messages": [{"role": "user", "content": f"Who is {each}"}]}}
        for each in "abc"
    )
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    async with hosting(simulator().base_url, size=(120, 40)) as (app, pilot):
        first, again = fetchable(app)
        await keep(app, first, [answer("a"), failure("b"), answer("c", stop="max_tokens")])
        await keep(app, again, [answer("b"), failure("c")])
        screen = await open_job(
            app, pilot, await add_job(app, [first], again=again, file=str(file))
        )
        await until(pilot, lambda: "Who is a" in seen(app))
        assert [screen.file.row(number).custom_id for number in range(3)] == ["a", "c", "b"]  # type: ignore[union-attr]
        assert "no good answer" in seen(app)
        assert "batch 1 of 2 ·" in seen(app)
        assert "link" not in screen._active_keys()
        await pilot.press("G")
        await until(pilot, lambda: "Who is b" in seen(app))
        assert "batch 2 of 2 · sent again in round 1" in seen(app)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ResultScreen))
        await until(pilot, lambda: "Who is b" in seen(app))
        assert "3 of 3 · batch 2 of 2 · sent again in round 1" in seen(app)
        await pilot.press("escape", "e")
        await until(pilot, lambda: isinstance(app.screen, ExportScreen))


async def test_a_fetch_that_fails_leaves_what_is_here(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    server = simulator()
    async with hosting(server.base_url, size=(120, 40)) as (app, pilot):
        first, second = fetchable(app)
        await keep(app, first, [answer("a")])
        server.faults.add("403/results:1")
        screen = await open_job(app, pilot, await add_job(app, [first, second]))
        await until(pilot, lambda: app.notices and not screen.fetch)
        await until(pilot, lambda: "in batches whose results are not fetched" in seen(app))
        await pilot.press("f")
        await until(pilot, lambda: screen.merged and screen.merged.here == 2)


async def test_stopping_stops_what_would_come_next_too(
    simulator: StartSimulator, hosting: Hosting
) -> None:
    server = simulator()
    async with hosting(server.base_url, size=(120, 40)) as (app, pilot):
        server.faults.add("stall=30/results:1")
        screen = results_screen(app.session, await add_job(app, fetchable(app)))
        await app.push_screen(screen)
        await until(pilot, lambda: "fetching" in seen(app).lower())
        await pilot.press("x")
        await until(pilot, lambda: "No results of this job are here yet." in seen(app))
        assert not app.session.downloads.busy


async def test_a_batch_has_a_screen_of_its_own(simulator: StartSimulator, hosting: Hosting) -> None:
    async with hosting(simulator().base_url) as (app, _):
        screen = results_screen(app.session, fetchable(app)[0].id)
        assert not isinstance(screen, JobResultsScreen)
