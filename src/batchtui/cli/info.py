"""`batchtui info`: where things are, where each setting came from, and which account is used."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click

from batchtui import __version__
from batchtui.account.opening import results_directory
from batchtui.cli.options import common_options, examples
from batchtui.cli.output import stdout
from batchtui.cli.start import Start, start
from batchtui.domain.text import count, safe_line, size
from batchtui.settings.accounts import FoundIn
from batchtui.settings.config import Origin
from batchtui.settings.credentials import DEFAULT_ENDPOINT
from batchtui.settings.faults import FILE_NAME
from batchtui.settings.shown import shown

Line = tuple[str, str]


@click.command(
    "info",
    epilog=examples(
        "batchtui info",
        "BATCHTUI_CONFIG_DIR=/srv/batchtui batchtui info",
    ),
)
@common_options
@click.pass_context
def command(context: click.Context) -> None:
    """Print where things are, which settings are not the default, and which account is used.

    Asks nothing of the network and changes nothing. No secret is printed.
    """
    begun = start(context, lenient=True)
    lines = [*_program(), *_account(begun), *_places(begun), *_history(begun), *_settings(begun)]
    width = max(len(name) for name, _ in lines)
    stdout().text(
        "\n".join(f"{name:<{width}}  {safe_line(words, 10_000)}".rstrip() for name, words in lines)
    )


def _program() -> Iterator[Line]:
    yield "batchtui", f"{__version__} (Python {platform.python_version()}, {platform.system()})"


def _account(begun: Start) -> Iterator[Line]:
    identity, choice = begun.identity, begun.choice
    yield "account", f"{choice.name} (from {choice.found_in.value})"
    yield "endpoint", f"{identity.endpoint} ({_endpoint_origin(begun)})"
    yield "workspace", identity.workspace or "the credential's own"
    if identity.present:
        yield "credential", f"{identity.source} (fingerprint {identity.fingerprint})"
    elif identity.fingerprint:
        yield "credential", "none found"
    else:
        yield "credential", "none found; what the last account of this endpoint left is shown"


def _endpoint_origin(begun: Start) -> str:
    origin = begun.loaded.origins["base_url"]
    if begun.choice.found_in is not FoundIn.ENVIRONMENT and origin is not Origin.OPTION:
        origin = Origin.ENVIRONMENT if os.environ.get("ANTHROPIC_BASE_URL") else Origin.DEFAULT
        if begun.choice.base_url:
            return f"accounts.{begun.choice.name}.base_url"
    if origin is Origin.DEFAULT and begun.identity.endpoint != DEFAULT_ENDPOINT:
        return f"profile {begun.identity.profile}"
    return origin.value


def _places(begun: Start) -> Iterator[Line]:
    results = results_directory(begun.directory, begun.identity.endpoint)
    yield (
        "directory",
        f"{begun.directory}{'' if os.path.isdir(begun.directory) else ' (not there yet)'}",
    )
    yield "settings", _file(begun.directory / FILE_NAME)
    yield "history", _file(begun.directory / "history.db")
    files = _files(results)
    number = "1 file" if len(files) == 1 else f"{count(len(files))} files"
    yield "results", f"{results} ({number}, {size(sum(files))})"


def _history(begun: Start) -> Iterator[Line]:
    if not os.path.exists(begun.directory / "history.db"):
        return
    with closing(begun.kept().history) as history:
        yield "batches", f"{count(history.count())} of this account are known"
        for known in history.accounts():
            account = known.account
            parts = (account.endpoint, account.workspace, account.fingerprint)
            yield "known", f"{' · '.join(filter(None, parts))}: {count(known.batches)} batches"


def _settings(begun: Start) -> Iterator[Line]:
    """What is not as it is by default."""
    for each in shown(begun.loaded, begun.directory, os.environ):
        if each.origin is not Origin.DEFAULT:
            yield each.name, f"{each.text} ({each.where})"
    yield "", "(`batchtui config show` prints all settings)"
    for problem in begun.loaded.problems:
        yield "problem", problem


def _file(path: Path) -> str:
    try:
        return f"{path} ({size(path.stat().st_size)})"
    except OSError:
        return f"{path} (not there yet)"


def _files(directory: Path) -> list[int]:
    """The sizes of the result files, in bytes."""
    try:
        with os.scandir(directory) as entries:
            return [each.stat().st_size for each in entries if each.name.endswith(".jsonl")]
    except OSError:
        return []
