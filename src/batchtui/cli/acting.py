"""How the verbs that change the server go about it: look, plan, ask, act, tell of each batch."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import click
import msgspec

from batchtui.account.account import AT_ONCE, Account
from batchtui.account.locking import being_sent
from batchtui.account.plans import Item, Plan, Verb, plan
from batchtui.cli import diagnostics
from batchtui.cli.batch_table import state_word
from batchtui.cli.fetching import fetch_all
from batchtui.cli.ids import resolve_all, resolve_many
from batchtui.cli.output import Output, stdout
from batchtui.cli.refreshing import tell_wait
from batchtui.cli.start import start
from batchtui.domain.batch import Record
from batchtui.domain.errors import BatchtuiError, NotFoundError, StorageError
from batchtui.domain.text import count, counted, safe_line


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What the person asked for.

    Attributes:
        verb: what to do.
        texts: to which batches, as typed.
        yes: do not ask.
        fetch: download results first that would be lost.
    """

    verb: Verb
    texts: tuple[str, ...]
    yes: bool
    fetch: bool = False


def act(context: click.Context, wish: Wish) -> int:
    """Do what is wished; returns the exit code.

    Raises:
        BatchtuiError: what stood in the way before anything was changed.
    """
    begun = start(context)
    begun.require_writable()
    if not wish.yes:
        diagnostics.require_person()
    account = begun.account().account
    with asyncio.Runner() as runner:
        try:
            # Not one coroutine for all of it: while one runs, Ctrl+C does not reach a prompt.
            return _act(account, wish, runner, begun.where)
        finally:
            runner.run(account.close())


def _act(account: Account, wish: Wish, runner: asyncio.Runner, where: str) -> int:
    out = stdout()
    ids = _meant(account, wish.texts)
    records, code = runner.run(_look(account, ids))
    planned = plan(wish.verb, records, account.clock())
    code = max(code, _tell_impossible(planned, out))
    if not planned.possible:
        return code
    if planned.to_download and not wish.fetch:
        _warn_of_losses(planned)
    if not wish.yes and not _confirmed(planned, where):
        diagnostics.say("Nothing was changed.")
        return diagnostics.FAILED
    ids = [record.id for record in planned.possible]
    if wish.fetch:
        unfetched, failed = runner.run(fetch_all(account, planned.to_download))
        ids = [batch_id for batch_id in ids if batch_id not in unfetched]
        code = max(code, failed)
    return max(code, runner.run(_carry_out(account, wish.verb, ids, out)))


def _meant(account: Account, texts: Sequence[str]) -> list[str]:
    """The ids of the batches; of jobs it is said what of them is not sent, and so is left as it is.

    Raises:
        UsageError: if a text may mean several, or nothing.
    """
    ids = resolve_all(account.history, texts)
    for text in dict.fromkeys(texts):
        job = resolve_many(account.history, text).job
        if job and job.unsent:
            unsent = counted(len(job.unsent), "batch", "batches")
            busy = being_sent(account.requests, job.key)
            then = "about to be sent: stop that first" if busy else "not sent, and left so"
            diagnostics.say(f"{safe_line(job.name, 60)}: {unsent} {then}.")
    return ids


async def _look(account: Account, ids: Sequence[str]) -> tuple[list[Record], int]:
    """The batches as they are now, and an exit code for those that are unknown everywhere."""
    places = asyncio.Semaphore(AT_ONCE)

    async def look(batch_id: str) -> Record:
        async with places:
            try:
                return await account.refresh(batch_id, on_wait=tell_wait)
            except NotFoundError:
                record = account.record(batch_id)
                if record is None:
                    raise
                # What it means that the server lacks it is for the verb to find out.
                return record

    looks = await asyncio.gather(*map(look, ids), return_exceptions=True)
    records: list[Record] = []
    code = diagnostics.DONE
    for batch_id, found in zip(ids, looks, strict=True):
        if isinstance(found, NotFoundError):
            code = max(code, diagnostics.report(found, about=batch_id))
        elif isinstance(found, BaseException):
            raise found
        else:
            records.append(found)
    return records, code


def _tell_impossible(planned: Plan, out: Output) -> int:
    code = diagnostics.DONE
    for item in planned.items:
        if item.possible:
            continue
        line = f"{safe_line(item.record.id)} {item.say}"
        if planned.verb is Verb.DELETE and item.record.running:
            diagnostics.say(line)
            code = diagnostics.FAILED
        else:
            # It is as was wished, so that a second run is no failure.
            out.text(line)
    return code


def _warn_of_losses(planned: Plan) -> None:
    answers = sum(item.loses for item in planned.items)
    which = ", ".join(safe_line(record.id, 60) for record in planned.to_download[:3])
    more = len(planned.to_download) - 3
    diagnostics.say(
        f"{count(answers)} answers are not downloaded and will be lost"
        f" ({which}{f' and {more} more' if more > 0 else ''}). --fetch downloads them first."
    )


def _confirmed(planned: Plan, where: str) -> bool:
    """Show the plan, and ask for an account; several at once need their number."""
    number = len(planned.possible)
    diagnostics.say("\n".join(_line(item) for item in planned.items if item.possible))
    if planned.verb is Verb.CANCEL:
        diagnostics.say("Requests that are being answered may still succeed, and are billed.")
    if number == 1:
        return diagnostics.agreed(f"{planned.verb.capitalize()} this batch in {where}?")
    what = f"{planned.verb} these {number} batches in {where}"
    answer = diagnostics.ask(f"To {what}, type {number}: ")
    return answer.strip() == str(number)


def _line(item: Item) -> str:
    record = item.record
    label = f" ({safe_line(record.label, 60)})" if record.label else ""
    requests = count(record.batch.request_counts.total)
    loses = f", {count(item.loses)} answers" if item.loses else ""
    return (
        f"  {safe_line(record.id)}{label}: {state_word(record)}, {requests} requests;"
        f" {item.say}{loses}"
    )


async def _carry_out(account: Account, verb: Verb, ids: Sequence[str], out: Output) -> int:
    open_ids = dict.fromkeys(ids)
    code = diagnostics.DONE
    try:
        async for batch_id, outcome in account.each(verb, ids, on_wait=tell_wait):
            del open_ids[batch_id]
            code = max(code, _tell(batch_id, outcome, out))
    except asyncio.CancelledError:
        done = len(ids) - len(open_ids)
        unknown = ", ".join(safe_line(each, 60) for each in open_ids)
        diagnostics.say(f"{done} of {len(ids)} are done; of these it is not known: {unknown}.")
        raise
    return code


def _tell(batch_id: str, outcome: str | BatchtuiError, out: Output) -> int:
    if isinstance(outcome, BatchtuiError):
        return diagnostics.report(outcome, about=batch_id)
    try:
        out.text(f"{safe_line(batch_id)} {outcome}")
    except StorageError as error:
        # Nobody may see it, but the other batches are still to be seen to.
        return diagnostics.report(error)
    return diagnostics.DONE
