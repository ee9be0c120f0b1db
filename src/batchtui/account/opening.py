"""Puts an account together: where its files are, which of them can be used, and the way to its API.

What is kept here can be opened by itself (`open_kept`), without anything the network needs. To know
where things are, nothing of either is imported.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from batchtui.domain.errors import StorageError
from batchtui.settings.accounts import Choice, environment, identity_of
from batchtui.settings.credentials import Identity
from batchtui.settings.directory import ensure
from batchtui.settings.schema import Settings

if TYPE_CHECKING:
    from batchtui.account.account import Account
    from batchtui.history.history import History
    from batchtui.results.store import ResultStore

RESULTS = "results"
REQUESTS = "requests"
_SLUG_LENGTH = 60
_PLAIN = re.compile(r"[a-z0-9][a-z0-9.-]*(_[0-9]+)?")


class Kept(msgspec.Struct, frozen=True):
    """What is on this disk of an account's batches.

    Attributes:
        notices: what a person should know of how it was opened, as sentences.
    """

    history: History
    results: ResultStore
    notices: tuple[str, ...] = ()


class Opened(msgspec.Struct, frozen=True):
    """An account ready for a front end.

    Attributes:
        choice: which of the accounts it is.
        directory: the config directory.
        notices: what a person should know of how it was opened, as sentences.
    """

    account: Account
    choice: Choice
    identity: Identity
    settings: Settings
    directory: Path
    notices: tuple[str, ...] = ()


def open_kept(directory: Path, identity: Identity, *, now: datetime) -> Kept:
    """Open what is kept of an account.

    A history that cannot be opened gives way to one in memory, and a notice says so. Without
    credentials it is that of whoever used the endpoint last.
    """
    from batchtui.history.history import History
    from batchtui.results.store import ResultStore

    results = ResultStore(results_directory(directory, identity.endpoint))
    try:
        ensure(directory)
        history = History.open(directory, identity.key, now=now)
    except StorageError as error:
        notice = f"{error} Until then nothing of what is seen is kept."
        history = History.in_memory(identity.key, now=now, copied_from=directory)
        return Kept(history, results, (notice,))
    return Kept(history, results, (history.notice,) if history.notice else ())


def open_account(
    *,
    directory: Path,
    settings: Settings,
    identity: Identity,
    offline: bool,
    clock: Callable[[], datetime],
    api_key: str | None = None,
    choice: Choice | None = None,
) -> Opened:
    """Open an account; sends nothing, and imports nothing that could.

    Args:
        directory: the config directory, made if need be.
        settings: as in force, options included.
        identity: which account, as found with these settings.
        offline: whether to do without the API.
        clock: the present moment, aware of its zone.
        api_key: key to use instead of everything; for servers of our own.
        choice: which of the accounts it is; None for what the settings make it.
    """
    choice = choice or environment(settings)
    from batchtui.account.account import Account
    from batchtui.api.client import Api

    api = None
    if not offline:
        api = Api(
            identity=identity,
            profile=choice.profile,
            api_key=api_key,
            key=choice.key,
            name=choice.name,
        )
    kept = open_kept(directory, identity, now=clock())
    account = Account(
        api=api,
        history=kept.history,
        results=kept.results,
        requests=directory / REQUESTS,
        clock=clock,
        read_only=settings.read_only or choice.read_only,
        name=choice.name,
        cache_limit=settings.cache_limit,
    )
    return Opened(account, choice, identity, settings, directory, kept.notices)


def open_choice(
    choice: Choice,
    *,
    directory: Path,
    settings: Settings,
    environ: Mapping[str, str],
    offline: bool,
    clock: Callable[[], datetime],
) -> Opened:
    """Open one of the accounts there are; see `open_account`.

    Raises:
        UsageError: if its base URL is not one.
    """
    return open_account(
        directory=directory,
        settings=settings,
        identity=identity_of(choice, environ),
        offline=offline,
        clock=clock,
        choice=choice,
    )


def results_directory(directory: Path, endpoint: str) -> Path:
    """Where the result files of one server are: ids of different servers may be the same."""
    return directory / RESULTS / slug(endpoint)


def slug(endpoint: str) -> str:
    """A base URL as a file name: its host and port, and a digest if that is not all there is to it.

    "https://api.anthropic.com" becomes "api.anthropic.com", "http://127.0.0.1:80" "127.0.0.1_80".
    """
    host, _, path = endpoint.partition("://")[2].partition("/")
    name = host.replace(":", "_")
    if not path and len(name) <= _SLUG_LENGTH and _PLAIN.fullmatch(name):
        return name
    digest = hashlib.sha256(endpoint.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    readable = re.sub(r"[^a-z0-9.-]+", "-", host).strip("-.")[:_SLUG_LENGTH]
    return f"{readable or 'server'}-{digest}"
