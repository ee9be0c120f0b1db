"""The screens and states that matter, each the same every time: what to open, and how to get there.

Compared with their pictures by `test_pictures`; some of them are the pictures in the README.
"""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from textual.widgets import Input

from batchtui.account.account import Account
from batchtui.account.opening import open_account
from batchtui.account.reconciling import Doubt
from batchtui.account.starting import start_job
from batchtui.cli.demo_history import remember
from batchtui.cli.demo_results import keep_results
from batchtui.domain.batch import Batch, Outcome, Record, RequestCounts
from batchtui.results.builder import Progress
from batchtui.settings.credentials import identify
from batchtui.settings.schema import AccountTable, Settings
from batchtui.simulator.clock import FixedClock
from batchtui.simulator.lifecycle import Counting
from batchtui.simulator.server import KEY, RunningServer
from batchtui.submissions.check import check
from batchtui.submissions.checked import Limits
from batchtui.ui.app import BatchtuiApp
from batchtui.ui.presenters.fetching import Arriving, arriving_line
from batchtui.ui.screens.asking import AskScreen
from batchtui.ui.screens.batches import BatchesScreen
from batchtui.ui.screens.choosing import ChoosingScreen
from batchtui.ui.screens.export import ExportScreen
from batchtui.ui.screens.insight import InsightScreen
from batchtui.ui.screens.job_results import JobResultsScreen
from batchtui.ui.screens.new_batch import NewBatchScreen
from batchtui.ui.screens.new_batch import Stage as Picked
from batchtui.ui.screens.result import ResultScreen
from batchtui.ui.screens.results import ResultsScreen
from batchtui.ui.screens.retry import RetryScreen
from tests.jobs import make_job
from tests.ui.conftest import AppPilot, settled, until
from tests.ui.request_files import request, write_lines, write_requests
from tests.ui.scene_accounts import MANY, with_accounts
from tests.ui.scene_accounts import TABLES as ACCOUNTS

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
WIDE, NARROW, SMALL, HUGE = (120, 40), (80, 24), (60, 15), (240, 60)

Stage = Callable[[AppPilot, BatchtuiApp], Awaitable[None]]
Size = tuple[int, int]


@dataclasses.dataclass(frozen=True)
class Scene:
    """One screen in one state.

    Attributes:
        stage: brings the app there, once the list has been read.
        sizes: the terminals it is shown in.
        offline: whether there is no API at all.
        faults: what goes wrong from the start, in the simulator's grammar.
        jobs: whether some of the demo's batches are parts of jobs.
        accounts: the accounts there are; none for the demo's own.
        kept: whether the results are here that the demo begins with.
    """

    name: str
    stage: Stage
    sizes: tuple[Size, ...] = (WIDE, NARROW)
    scenario: str = "demo"
    counts: Counting = "api"
    theme: str | None = None
    offline: bool = False
    faults: tuple[str, ...] = ()
    read_only: bool = False
    jobs: bool = False
    accounts: dict[str, AccountTable] | None = None
    kept: bool = False


def keys(*pressed: str) -> Stage:
    """Press keys, and let the app come to rest."""

    async def stage(pilot: AppPilot, app: BatchtuiApp) -> None:
        for each in app.query(Input):
            each.cursor_blink = False
        await pilot.press(*pressed)
        await pilot.pause(0.1)

    return stage


def on(outcome: Outcome, *pressed: str) -> Stage:
    """Put the cursor on the newest batch with an outcome first."""

    async def stage(pilot: AppPilot, app: BatchtuiApp) -> None:
        home = app.screen
        assert isinstance(home, BatchesScreen)
        records = app.session.records
        batches = (records[each] for each in home.table.keys if each in records)
        home.table.move_to(next(each.id for each in batches if each.batch.outcome is outcome))
        await keys(*pressed)(pilot, app)

    return stage


def typed(words: str) -> Stage:
    """Filter the list."""

    async def stage(pilot: AppPilot, app: BatchtuiApp) -> None:
        await pilot.press("slash")
        line = app.screen.query_one(Input)
        line.cursor_blink = False
        line.value = words
        await pilot.pause(0.1)

    return stage


def on_job(name: str, *pressed: str) -> Stage:
    """Put the cursor on a job first."""

    async def stage(pilot: AppPilot, app: BatchtuiApp) -> None:
        home = app.screen
        assert isinstance(home, BatchesScreen)
        home.table.move_to(next(key for key, job in app.session.jobs.items() if job.name == name))
        await keys(*pressed)(pilot, app)

    return stage


def _make_jobs(account: Account) -> None:
    """One that runs, one that was interrupted, one that ended after a retry, one never begun."""
    ids: dict[str, list[str]] = {}
    for record in account.records():
        ids.setdefault(record.label, []).append(record.id)
    tickets = [ids[f"tickets-triage-{each}"][0] for each in ("it", "de", "fr")]
    nights, again = ids["nightly-eval"][5:7], ids["papers-with-figures"]
    history = account.history
    make_job(history, "tickets-autumn", tickets, at=NOON)
    make_job(history, "catalog", ids["catalog-descriptions"], unsent=[5_000, 2_750], at=NOON)
    make_job(history, "eval-week", nights, retries=again, at=NOON)
    make_job(history, "papers-2027", [], unsent=[100_000, 100_000, 50_000], at=NOON)


def results_of(outcome: Outcome, *pressed: str) -> Stage:
    """Open the results of the newest batch with an outcome."""

    async def stage(pilot: AppPilot, app: BatchtuiApp) -> None:
        await on(outcome, "enter")(pilot, app)
        screen = app.screen
        assert isinstance(screen, ResultsScreen)
        await until(pilot, lambda: screen.has_class("-open"))
        await pilot.pause(0.2)
        await keys(*pressed)(pilot, app)

    return stage


def result_of(custom_id: str) -> Stage:
    """Read one result of the newest batch of which some failed."""

    async def stage(pilot: AppPilot, app: BatchtuiApp) -> None:
        await results_of(Outcome.PARTIAL)(pilot, app)
        screen = app.screen
        assert isinstance(screen, ResultsScreen)
        assert screen.file is not None
        screen.table.move_to(screen.file.find(custom_id) or 0)
        await keys("enter")(pilot, app)

    return stage


def job_results(name: str, *pressed: str) -> Stage:
    """Open the results of a job, and fetch what is not here."""

    async def stage(pilot: AppPilot, app: BatchtuiApp) -> None:
        await on_job(name, "enter")(pilot, app)
        screen = app.screen
        assert isinstance(screen, JobResultsScreen)
        await until(pilot, lambda: screen.merged is not None and not screen.fetch)
        await until(pilot, lambda: screen.has_class("-open"))
        await pilot.pause(0.2)
        await keys(*pressed)(pilot, app)

    return stage


async def retry(pilot: AppPilot, app: BatchtuiApp) -> None:
    """Ask what of the repaired job is to be sent again."""
    await on_job("reviews-week-47", "enter")(pilot, app)
    results = app.screen
    assert isinstance(results, ResultsScreen)
    await until(pilot, lambda: results.file is not None and not app.session.downloads.busy)
    await until(pilot, lambda: results.has_class("-open"))
    await keys("R")(pilot, app)
    dialog = app.screen
    assert isinstance(dialog, RetryScreen)
    await until(pilot, lambda: dialog.retrying.prepared is not None)
    await keys()(pilot, app)


_CHANGES = (
    (b"The attached screenshot shows", b"The screenshot shows"),
    (b", which answers the second half of the question", b""),
    (b"claude-haiku-5-5", b"claude-haiku-6"),
    (b"nothing else is missing.", rb"nothing else is missing.\n\n**Tone:** friendly."),
)


def compared(*pressed: str) -> Stage:
    """Compare an answer with that of another batch, which is the same but for a few words."""

    async def stage(pilot: AppPilot, app: BatchtuiApp) -> None:
        await results_of(Outcome.PARTIAL, "2", "j", "enter")(pilot, app)
        screen = app.screen
        assert isinstance(screen, ResultScreen)
        account = app.session.account
        other = next(
            each for each in app.session.records.values() if each.label == "eval-max-effort"
        )
        results = account.results.path(screen.batch_id).read_bytes()
        for old, new in _CHANGES:
            results = results.replace(old, new)
        account.results.path(other.id).write_bytes(results)
        await app.session.engine.get(account.reload_if_changed)
        await app.session.reload()
        await keys("v")(pilot, app)
        await until(
            pilot, lambda: isinstance(app.screen, ChoosingScreen) and bool(app.screen.twins)
        )
        await pilot.pause(0.1)
        await keys(*pressed)(pilot, app)
        await pilot.pause(0.3)

    return stage


def asked(key: str, words: str, *pressed: str) -> Stage:
    """Type into the line of the list of results."""

    async def stage(pilot: AppPilot, app: BatchtuiApp) -> None:
        await results_of(Outcome.PARTIAL, key)(pilot, app)
        line = app.screen.query_one("#ask Input", Input)
        line.cursor_blink = False
        line.value = words
        await pilot.pause(0.1)
        await keys(*pressed)(pilot, app)

    return stage


async def exporting(pilot: AppPilot, app: BatchtuiApp) -> None:
    """Ask what to export of a few marked results."""
    await results_of(Outcome.PARTIAL, "space", "j", "space", "e")(pilot, app)
    await until(pilot, lambda: isinstance(app.screen, ExportScreen))
    app.screen.query_one(Input).cursor_blink = False
    await keys("right")(pilot, app)


async def growing(pilot: AppPilot, app: BatchtuiApp) -> None:
    """Show results as if a fetch had brought only some of them yet."""
    await results_of(Outcome.PARTIAL)(pilot, app)
    screen = app.screen
    assert isinstance(screen, ResultsScreen)
    arriving = Arriving(Progress(59_000_000, 24_258, 100_000, 243_000_000), 1.3)
    screen.show_arriving(arriving_line(arriving, screen.size.width - 2))
    await keys("j", "j")(pilot, app)


REQUESTS = 24
"""In the request file of the scenes; its batches have ten each."""


def _request_files(directory: Path) -> Path:
    """A home directory with request files of a known age, one of them with problems."""
    home = directory / "home"
    place = home / "letters"
    write_requests(place / "letters-de.jsonl", 60)
    write_requests(place / "letters-fr.jsonl", REQUESTS)
    write_lines(
        place / "letters-es.jsonl",
        [
            *(request(f"ticket-{each:05}", max_tokens=0) for each in range(1, 8)),
            request("ticket-00008", model="claude-next"),
            *(request(f"ticket {each}", temperature=1, stream=True) for each in range(9, 40)),
            request("ticket-00001"),
        ],
    )
    for name in ("archive", "glossaries"):
        (place / name).mkdir(exist_ok=True)
    (place / "evil\x1b]0;[b]\u202e.jsonl").touch()
    (place / "prompt.txt").write_text("Translate this ticket into French.")
    for hours, each in enumerate(sorted(place.iterdir()), 2):
        moment = NOON.timestamp() - hours * 3600
        os.utime(each, (moment, moment))
    os.environ["HOME"] = str(home)  # so that paths are the same wherever this runs
    return place


def picking(path: str) -> Stage:
    """Look for a request file."""

    async def stage(pilot: AppPilot, app: BatchtuiApp) -> None:
        _request_files(app.session.account.requests.parent)
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, NewBatchScreen))
        await pilot.pause()
        line = app.screen.query_one(Input)
        line.cursor_blink = False
        line.value = path
        await pilot.pause(0.2)

    return stage


def new_batch(name: str, *pressed: str) -> Stage:
    """Look at a request file."""

    async def stage(pilot: AppPilot, app: BatchtuiApp) -> None:
        await picking(f"~/letters/{name}.jsonl")(pilot, app)
        screen = app.screen
        assert isinstance(screen, NewBatchScreen)
        for each in screen.query(Input):
            each.cursor_blink = False
        await pilot.press("enter")
        await until(pilot, lambda: screen.stage is Picked.CHECKED)
        await pilot.pause(0.1)
        await keys(*pressed)(pilot, app)
        await until(pilot, lambda: screen.stage is Picked.CHECKED)
        await pilot.pause(0.1)

    return stage


def doubt(*, found: bool) -> Stage:
    """Ask what became of a part of a job."""

    async def stage(pilot: AppPilot, app: BatchtuiApp) -> None:
        path = _request_files(app.session.account.requests.parent) / "letters-fr.jsonl"
        account = app.session.account
        checked = check(path, Limits(requests=10))
        job = await app.session.engine.get(lambda: start_job(account, checked, "letters-fr"))
        part = msgspec.structs.replace(job.parts[1], attempted_at=NOON - timedelta(seconds=35))
        batch = Batch(
            "msgbatch_01HkcTjaV5uDC8jWR4ZsDV8d",
            "in_progress",
            RequestCounts(processing=10),
            created_at=NOON - timedelta(seconds=33),
            expires_at=NOON + timedelta(days=1),
        )
        records = (Record(batch, NOON, NOON),) if found else ()
        why = "The API closed the connection before it answered."
        app.accounts.shown.ask(Doubt(job, part, records, why), lambda decision: None)
        await until(pilot, lambda: isinstance(app.screen, AskScreen))
        await pilot.pause(0.2)

    return stage


def insight(*pressed: str) -> Stage:
    """See what became of the batches."""

    async def stage(pilot: AppPilot, app: BatchtuiApp) -> None:
        app.clear_notifications()  # they would lie over the sums
        await keys("I")(pilot, app)
        screen = app.screen
        assert isinstance(screen, InsightScreen)
        await until(pilot, lambda: screen.insight is not None)
        await keys(*pressed)(pilot, app)
        await pilot.pause(0.3)

    return stage


def accounts(*pressed: str) -> Stage:
    """Ask to which account to go."""

    async def stage(pilot: AppPilot, app: BatchtuiApp) -> None:
        await pilot.press("P")
        app.screen.query_one(Input).cursor_blink = False
        await _at_rest(pilot, app)
        await keys(*pressed)(pilot, app)

    return stage


def everywhere(*pressed: str, words: str = "") -> Stage:
    """List the batches of all accounts, or those that match."""

    async def stage(pilot: AppPilot, app: BatchtuiApp) -> None:
        await accounts("G", "enter")(pilot, app)
        await _at_rest(pilot, app)
        await keys(*pressed)(pilot, app)
        if words:
            await typed(words)(pilot, app)

    return stage


async def _at_rest(pilot: AppPilot, app: BatchtuiApp) -> None:
    """Let everything be read that is being read."""
    await until(pilot, lambda: all(each.is_finished for each in app.workers))
    await pilot.pause(0.1)


SCENES = (
    Scene("batches", on(Outcome.RUNNING, "j", "j"), sizes=(WIDE, NARROW, SMALL, HUGE)),
    Scene("batches-live", on(Outcome.RUNNING, "j", "j", "j"), counts="live"),
    Scene("batches-partial", on(Outcome.PARTIAL)),
    Scene("batches-light", on(Outcome.RUNNING, "j", "j"), theme="batchtui-light", sizes=(WIDE,)),
    Scene("batches-contrast", on(Outcome.PARTIAL), theme="batchtui-contrast", sizes=(NARROW,)),
    Scene("batches-read-only", keys(), read_only=True, sizes=(NARROW,)),
    Scene("batches-marked", keys("space", "j", "space", "s")),
    Scene("batches-empty", keys(), scenario="empty", sizes=(NARROW,)),
    Scene("batches-hostile", keys("j"), scenario="hostile"),
    Scene("jobs", on_job("tickets-autumn"), jobs=True),
    Scene("jobs-opened", on_job("tickets-autumn", "o", "j"), jobs=True),
    Scene("jobs-stopped", on_job("catalog"), jobs=True),
    Scene("jobs-ended", on_job("eval-week", "o"), jobs=True, sizes=(WIDE,)),
    Scene("jobs-filtered", typed("1/3"), jobs=True, sizes=(NARROW,)),
    Scene("jobs-plan-cancel", on_job("tickets-autumn", "c"), jobs=True, sizes=(NARROW,)),
    Scene("job-results", job_results("reviews-week-47", "G")),
    Scene("job-results-missing", job_results("tickets-autumn"), jobs=True),
    Scene("retry", retry, sizes=(WIDE, NARROW, SMALL)),
    Scene("board-jobs", keys("b", "right"), jobs=True),
    Scene("batches-more-below", keys("j"), scenario="crowd:450", sizes=(WIDE,)),
    Scene("filter", typed("running >10m")),
    Scene("filter-without-matches", typed("[/no] such batch"), sizes=(NARROW,)),
    Scene("trouble", keys(), faults=("429=40/list",)),
    Scene("no-access", keys(), faults=("401/list",), sizes=(NARROW,)),
    Scene("offline", keys(), offline=True, sizes=(NARROW,)),
    Scene("board", keys("b", "right"), sizes=(WIDE, NARROW, HUGE)),
    Scene("board-live", keys("b"), counts="live", sizes=(WIDE,)),
    Scene("board-empty", keys("b"), scenario="empty", sizes=(NARROW,)),
    Scene("results", results_of(Outcome.PARTIAL, "3"), sizes=(WIDE, NARROW, SMALL, HUGE)),
    Scene("results-all", results_of(Outcome.PARTIAL, "j", "j")),
    Scene("results-triage", results_of(Outcome.PARTIAL, "T", "j", "enter")),
    Scene("results-filtered", asked("F", "out>500 !model:opus")),
    Scene("results-no-match", asked("F", "no such case", "enter"), sizes=(NARROW,)),
    Scene("results-sorted", results_of(Outcome.PARTIAL, *"sssssss", "g", "space", "space")),
    Scene("results-search", asked("slash", "the", "enter", "n", "n")),
    Scene("results-bad-pattern", asked("slash", "(", "ctrl+r", "enter"), sizes=(NARROW,)),
    Scene("results-go-to", asked("number_sign", "99999", "enter"), sizes=(NARROW,)),
    Scene("results-growing", growing),
    Scene("results-export", exporting),
    Scene("results-running", on(Outcome.RUNNING, "enter"), sizes=(NARROW,)),
    Scene("result", results_of(Outcome.PARTIAL, "enter")),
    Scene("result-tools", result_of("ticket-00083")),
    Scene("link", results_of(Outcome.FAILED, "enter", "i"), sizes=(NARROW,)),
    Scene("choosing", compared(), sizes=(NARROW,)),
    Scene("compare", compared("enter")),
    Scene("result-raw", results_of(Outcome.PARTIAL, "enter", "J"), sizes=(NARROW,)),
    Scene("plan-cancel", on(Outcome.RUNNING, "c")),
    Scene("plan-delete", on(Outcome.PARTIAL, "space", "space", "d")),
    Scene("new-file", picking("~/letters/")),
    Scene("new-checked", new_batch("letters-fr"), sizes=(WIDE, NARROW, SMALL)),
    Scene(
        "new-several",
        new_batch("letters-fr", "tab", *["backspace"] * 7, "1", "0", "enter", "enter", "3"),
    ),
    Scene("new-problems", new_batch("letters-es")),
    Scene("doubt", doubt(found=True)),
    Scene("doubt-nothing", doubt(found=False), sizes=(NARROW,)),
    Scene("insight", insight(), kept=True, sizes=(WIDE, NARROW, SMALL, HUGE)),
    Scene("insight-days", insight("1", *"mmmmmm", "tab", "j"), kept=True),
    Scene("insight-models", insight("v", *"mm"), kept=True, sizes=(WIDE, NARROW)),
    Scene("insight-outcomes", insight("4", *"mm"), kept=True),
    Scene("insight-duration", insight("3", *"mmm"), kept=True, theme="batchtui-light"),
    Scene("insight-unknown", insight(*"mmmm"), theme="batchtui-contrast", sizes=(NARROW,)),
    Scene("insight-empty", insight(), scenario="empty", sizes=(NARROW,)),
    Scene("insight-export", insight("e"), kept=True, sizes=(NARROW,)),
    Scene("insight-fetch", insight("f"), kept=True, sizes=(NARROW,)),
    Scene("label", keys("l")),
    Scene("help", keys("question_mark")),
    Scene("palette", keys("colon")),
    Scene("account", keys("j"), accounts=ACCOUNTS, sizes=(WIDE, NARROW, SMALL)),
    Scene(
        "account-read-only",
        keys(),
        accounts=ACCOUNTS,
        read_only=True,
        theme="batchtui-contrast",
        sizes=(NARROW,),
    ),
    Scene("account-plan", on(Outcome.PARTIAL, "space", "space", "d"), accounts=ACCOUNTS),
    Scene("accounts", accounts("down"), accounts=ACCOUNTS, sizes=(WIDE, NARROW, SMALL)),
    Scene(
        "accounts-light",
        accounts(),
        accounts=ACCOUNTS,
        theme="batchtui-light",
        sizes=(NARROW,),
    ),
    Scene("accounts-one", accounts(), accounts={"work": ACCOUNTS["work"]}, sizes=(NARROW,)),
    Scene("accounts-many", accounts(*"team"), accounts=ACCOUNTS | MANY, sizes=(NARROW,)),
    Scene("accounts-demo", accounts(), sizes=(NARROW,)),
    Scene("everywhere", everywhere("j"), accounts=ACCOUNTS),
    Scene(
        "everywhere-filtered",
        everywhere(words="running"),
        accounts=ACCOUNTS,
        sizes=(SMALL,),
    ),
    Scene("tabs", keys("3", "j"), sizes=(WIDE, NARROW, SMALL)),
    Scene("tabs-empty", keys("5"), scenario="crowd:30", sizes=(NARROW,)),
    Scene("tab-edit", keys("4", "T"), sizes=(NARROW,)),
    Scene("tab-save", keys("2", "slash", *"nightly", "enter", "T", *"Nights"), sizes=(NARROW,)),
)


@contextmanager
def opened(scene: Scene, directory: Path) -> Iterator[BatchtuiApp]:
    """The app of a scene on a server of its own, not yet running; times are shown in UTC."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    clock = FixedClock(NOON)
    with RunningServer(
        scene.scenario, clock=clock, counts=scene.counts, faults=scene.faults
    ) as server:
        account = open_account(
            directory=directory,
            settings=Settings(interval=0, theme=scene.theme, read_only=scene.read_only),
            identity=identify({}, base_url=server.base_url, api_key=KEY),
            offline=scene.offline,
            clock=clock,
            api_key=KEY,
        )
        if scene.scenario == "demo":
            remember(account.account, server.world, directory)
        if scene.kept:
            keep_results(account.account, server.world)
        if scene.jobs:
            _make_jobs(account.account)
        if scene.accounts is not None:
            account = with_accounts(account, now=NOON, tables=scene.accounts)
        app = BatchtuiApp(account, modes=("DEMO",) if scene.accounts is None else ())
        try:
            yield app
        finally:
            app.accounts.stop()


async def play(scene: Scene, pilot: AppPilot) -> None:
    """Bring a running app to the state of the scene."""
    app = pilot.app
    assert isinstance(app, BatchtuiApp)
    await settled(pilot, app)
    if scene.jobs or scene.accounts:
        app.clear_notifications()  # it would lie over what is said of them
    await scene.stage(pilot, app)
