"""`batchtui list --all-accounts`: the newest batches of all accounts as one list."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING

import click
import msgspec

from batchtui.account.opening import Kept, open_account, open_kept
from batchtui.cli import batch_table, diagnostics
from batchtui.cli.batch_table import InAccount
from batchtui.cli.garbage import no_collection
from batchtui.cli.json_lines import json_line
from batchtui.cli.options import given
from batchtui.cli.output import stdout
from batchtui.cli.selection import Selection, select
from batchtui.cli.start import now, read_settings
from batchtui.domain.account import AccountKey
from batchtui.domain.batch import Record
from batchtui.domain.errors import BatchtuiError, UsageError
from batchtui.settings.accounts import Choice, choices, identity_of
from batchtui.settings.credentials import Identity
from batchtui.settings.schema import Settings

if TYPE_CHECKING:
    from batchtui.account.account import Account

_Found = tuple[str, Kept, Record, bytes]


class _Someone(msgspec.Struct, frozen=True):
    """An account that is somebody of its own."""

    choice: Choice
    identity: Identity


def print_everywhere(context: click.Context, wanted: Selection, *, as_json: bool) -> int:
    """Print the batches of all accounts, newest first; returns the exit code.

    What goes wrong with one account is said, and hides nothing of the others; the code is the
    highest of theirs.

    Args:
        context: of the command.
        wanted: which batches, of all accounts together.
        as_json: whether to print JSON objects instead of a table.

    Raises:
        UsageError: if one account is meant by the other options.
        ConfigError: if config.toml cannot be read or makes no sense.
    """
    options = given(context)
    for name in ("account", "profile", "base_url", "workspace"):
        if getattr(options, name) is not None:
            option = f"--{name.replace('_', '-')}"
            raise UsageError(f"{option} means one account, and --all-accounts means all of them")
    directory, loaded = read_settings(context)
    everyone, code = _everyone(loaded.settings)
    with ExitStack() as stack:
        found: list[tuple[str, Kept]] = []
        reached: list[tuple[str, Account]] = []
        for each in everyone:
            if options.offline:
                kept = open_kept(directory, each.identity, now=now())
                notices = kept.notices
            else:
                opened = open_account(
                    directory=directory,
                    settings=loaded.settings,
                    identity=each.identity,
                    offline=False,
                    clock=now,
                    choice=each.choice,
                )
                kept = Kept(opened.account.history, opened.account.results)
                notices = opened.notices
                reached.append((each.choice.name, opened.account))
            stack.enter_context(closing(kept.history))
            found.append((each.choice.name, kept))
            for notice in notices:
                diagnostics.say(f"Warning: {notice}")
        code = max(code, _refresh(reached, wanted))
        with no_collection():  # thousands of records
            _print(found, wanted, as_json=as_json)
    return code


def _everyone(settings: Settings) -> tuple[list[_Someone], int]:
    """All accounts, each once under the first of its names, and the exit code so far."""
    found: dict[AccountKey, _Someone] = {}
    code = diagnostics.DONE
    for choice in choices(settings, os.environ):
        try:
            who = identity_of(choice, os.environ)
        except BatchtuiError as error:
            code = max(code, diagnostics.report(error, about=choice.name))
            continue
        found.setdefault(who.owner, _Someone(choice, who))
    return list(found.values()), code


def _refresh(accounts: Sequence[tuple[str, Account]], wanted: Selection) -> int:
    """Read the lists of all accounts at the same time; returns the highest exit code."""
    if not accounts:
        return diagnostics.DONE
    import asyncio

    from batchtui.cli.refreshing import refresh_list

    async def refresh(name: str, account: Account) -> int:
        try:
            await refresh_list(account, wanted, about=name)
        except BatchtuiError as error:
            return diagnostics.report(error, about=name)
        return diagnostics.DONE

    async def refresh_all() -> int:
        return max(await asyncio.gather(*(refresh(*each) for each in accounts)))

    return asyncio.run(refresh_all())


def _print(accounts: Sequence[tuple[str, Kept]], wanted: Selection, *, as_json: bool) -> None:
    moment = now()
    newest_first = merge(
        *(_of(name, kept, wanted) for name, kept in accounts),
        key=lambda found: found[2].batch.created_at,
        reverse=True,
    )
    found = list(islice(newest_first, wanted.limit))
    out = stdout()
    if not found:
        diagnostics.say(
            "No batches fit." if wanted.is_narrowed else "No batches are known for any account."
        )
    elif as_json:
        jobs = {name: kept.history.jobs.names() for name, kept in accounts}
        out.json(
            json_line(record, body, moment, job=jobs[name].get(record.id, ""), account=name)
            for name, _, record, body in found
        )
    else:
        rows = [InAccount(name, record) for name, _, record, _ in found]
        if out.columns is None:
            lines = batch_table.everywhere_for_programs(rows, moment)
        else:
            lines = batch_table.everywhere_for_people(rows, moment, out.columns)
        out.text("\n".join(lines))


def _of(name: str, kept: Kept, wanted: Selection) -> Iterator[_Found]:
    for page in select(kept, wanted):
        for record, body in page:
            yield name, kept, record, body
