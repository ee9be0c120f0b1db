"""`batchtui doctor`: checks that all is well here, and says what to do where it is not."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from textwrap import wrap

import click
import msgspec

from batchtui.cli import diagnostics
from batchtui.cli.checkup.finding import (
    GLYPHS,
    Finding,
    Verdict,
    exit_code,
    fail,
    failed_by,
    ok,
    warn,
)
from batchtui.cli.options import common_options, examples, given
from batchtui.cli.output import stdout
from batchtui.cli.start import Start, now, start
from batchtui.domain.errors import BatchtuiError
from batchtui.domain.text import counted, safe_line
from batchtui.settings.config import Loaded, load
from batchtui.settings.directory import locate
from batchtui.settings.faults import FILE_NAME
from batchtui.settings.schema import Settings
from batchtui.settings.secrets import scrub

_TMUX_SECONDS = 1.0
_LONGEST = 2000
_WIDEST = len("certificates")
_NARROWEST = 20


@click.command(
    "doctor",
    epilog=examples(
        "batchtui doctor",
        "batchtui doctor --offline  # all that needs no network",
        "batchtui doctor --json | jq -r .todo",
    ),
)
@common_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_context
def command(context: click.Context, as_json: bool) -> int:
    """Check that all is well here, and say what to do where it is not; a line for each check.

    Looked at are the settings, the config directory and its disk, the history, the credential (it
    is never shown), the way to the API with one call, the clock, what batchtui is built on, and
    what the terminal is capable of. Nothing is changed.

    The exit code is 0 if nothing failed (there may be warnings), 4 if the credential did, else 1.
    """
    findings = []
    for finding in _findings(context):
        findings.append(finding)
        if as_json:
            stdout().json([msgspec.json.encode(_facts(finding))])
        else:
            stdout().text(_line(finding, stdout().columns))
    diagnostics.say(_sum(findings))
    return exit_code(findings)


def _line(finding: Finding, columns: int | None) -> str:
    """A line for people; on a terminal wrapped between words, if these have room beside it."""
    beside = f"{GLYPHS[finding.verdict]} {finding.verdict:<4}  {finding.check:<{_WIDEST}}  "
    words = _shown(finding.words)
    room = (columns or 0) - len(beside)
    if room < _NARROWEST:
        return beside + words
    parts = wrap(words, room, break_on_hyphens=False)
    return beside + f"\n{' ' * len(beside)}".join(parts)


def _facts(finding: Finding) -> dict[str, str]:
    return {
        "check": finding.check,
        "verdict": finding.verdict,
        "found": _shown(finding.found),
        "todo": _shown(finding.todo),
    }


def _shown(words: str) -> str:
    return safe_line(scrub(words), _LONGEST)


def _sum(findings: Sequence[Finding]) -> str:
    warnings, failures = (
        sum(each.verdict is verdict for each in findings)
        for verdict in (Verdict.WARN, Verdict.FAIL)
    )
    if not warnings and not failures:
        return "All is well."
    parts = [counted(failures, "failure")] if failures else []
    parts += [counted(warnings, "warning")] if warnings else []
    return f"{' and '.join(parts)}."


def _findings(context: click.Context) -> Iterator[Finding]:
    from batchtui.cli.checkup import database, places
    from batchtui.history.examination import examine

    directory = locate(os.environ, given(context).config_dir)
    loaded = load(directory, {}, os.environ, lenient=True)
    yield from _settings(loaded, directory)
    yield from places.check_directory(directory)
    yield places.check_room(directory)
    yield database.judge_history(examine(directory))
    try:
        begun = start(context, lenient=True)
    except BatchtuiError as error:
        yield failed_by("account", error)
    else:
        yield from _account(begun)
    yield from _programs()
    yield from _terminal(loaded.settings)


def _settings(loaded: Loaded, directory: Path) -> Iterator[Finding]:
    for problem in loaded.faults:
        yield fail("settings", problem.what, problem.todo or "`batchtui config edit` opens it")
    if loaded.cautious:
        yield warn(
            "settings", "Until that is mended nothing is changed on the server", "Mend the above"
        )
    if not loaded.faults:
        there = (directory / FILE_NAME).exists()
        yield ok("settings", f"{FILE_NAME} makes sense" if there else f"There is no {FILE_NAME}")


def _account(begun: Start) -> Iterator[Finding]:
    from batchtui.cli.checkup import reach

    identity, choice = begun.identity, begun.choice
    if begun.offline:
        yield reach.judge_credential(identity, choice.name)
        yield from reach.judge_way(identity.endpoint, os.environ)
        return
    import asyncio
    import time

    from batchtui.api.client import Api

    api = Api(identity=identity, profile=choice.profile, key=choice.key, name=choice.name)
    with diagnostics.Progress() as progress:  # who does not answer takes half a minute to give up
        progress.show(f"Asking {identity.endpoint} …")
        found = asyncio.run(
            reach.check_api(api, choice.name, os.environ, clock=now, monotonic=time.monotonic)
        )
    yield from found


def _programs() -> Iterator[Finding]:
    import platform
    import sqlite3
    from importlib import metadata

    from batchtui.cli.checkup.programs import judge_programs

    def version_of(name: str) -> str | None:
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            return None

    try:
        requirements = metadata.requires("batchtui") or []
    except metadata.PackageNotFoundError:
        requirements = []
    yield from judge_programs(
        platform.python_version(), sqlite3.sqlite_version_info, version_of, requirements
    )


def _terminal(settings: Settings) -> Iterator[Finding]:
    from batchtui.cli.checkup.terminal import Screen, judge_terminal, with_tmux

    streams = (sys.stdout, sys.stderr, sys.stdin)
    here = next((each for each in streams if each and each.isatty()), None)
    screen = None
    if here is not None:
        screen = Screen()
        with suppress(OSError):  # some do not tell
            screen = Screen(*os.get_terminal_size(here.fileno()))
        screen = with_tmux(screen, os.environ, _tmux)
    yield from judge_terminal(screen, os.environ, settings, windows=os.name == "nt")


def _tmux(words: Sequence[str]) -> str:
    import subprocess

    try:
        done = subprocess.run(
            ["tmux", *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TMUX_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return safe_line(done.stdout.decode("utf-8", "replace").strip(), 40)
