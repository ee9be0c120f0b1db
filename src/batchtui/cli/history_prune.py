"""Shows which batches the history would forget, asks, and has it forget them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import msgspec

from batchtui.account.forgetting import Forgetting, plan_forgetting
from batchtui.account.opening import Kept
from batchtui.cli import diagnostics
from batchtui.cli.output import stdout
from batchtui.cli.selection import Selection, select
from batchtui.cli.start import now
from batchtui.domain.batch import Record
from batchtui.domain.errors import StorageError
from batchtui.domain.text import count, counted, duration, safe_line

_SHOWN = 20
"""So many are named before the question; a dry run names all."""


class Wish(msgspec.Struct, frozen=True):
    """What the person asked for; see the options of the command."""

    older_than: timedelta
    annotated: bool
    observations: bool
    dry_run: bool
    yes: bool


def prune_history(kept: Kept, wish: Wish) -> int:
    """Do as wished; returns the exit code.

    Raises:
        BatchtuiError: if the history cannot be read or written, or a part of a job is in doubt.
    """
    if not kept.history.lasts:
        raise StorageError("There is no file of the history in which something could be forgotten")
    if wish.observations:
        return _prune_observations(kept, wish)
    moment = now()
    records = (record for page in select(kept, Selection(None)) for record, _ in page)
    planned = plan_forgetting(
        records,
        kept.history.jobs.all(),
        moment,
        older_than=wish.older_than,
        annotated=wish.annotated,
    )
    for reason, number in planned.stay.items():
        diagnostics.say(f"Left alone: {_batches(number)} that old {reason}.")
    if wish.dry_run:
        stdout().text("\n".join([*_names(planned, moment), f"{_sum(planned)} would be forgotten."]))
        return diagnostics.DONE
    if planned.records and not wish.yes and not _confirmed(planned, moment):
        diagnostics.say("Nothing was forgotten.")
        return diagnostics.FAILED
    return _carry_out(kept, planned)


def _carry_out(kept: Kept, planned: Forgetting) -> int:
    upkeep = kept.history.upkeep
    forgotten = upkeep.forget(planned.records, planned.jobs) if planned.records else []
    stdout().text(f"{_batches(len(forgotten))} forgotten.")
    if changed := len(planned.records) - len(forgotten):
        diagnostics.say(f"Left alone: {_batches(changed)} changed in the meantime.")
    return diagnostics.DONE


def _prune_observations(kept: Kept, wish: Wish) -> int:
    upkeep, before = kept.history.upkeep, now() - wish.older_than
    number = upkeep.observations_of_ended(before)
    what = f"{counted(number, 'observation')} of ended batches"
    if wish.dry_run:
        stdout().text(f"{what} would be forgotten.")
        return diagnostics.DONE
    if number and not wish.yes:
        diagnostics.require_person()
        if not diagnostics.agreed(f"Forget {what}?"):
            diagnostics.say("Nothing was forgotten.")
            return diagnostics.FAILED
    done = upkeep.forget_observations(before)
    stdout().text(f"{counted(done, 'observation')} of ended batches forgotten.")
    return diagnostics.DONE


def _confirmed(planned: Forgetting, moment: datetime) -> bool:
    diagnostics.require_person()
    lines = list(_names(planned, moment))
    diagnostics.say("\n".join(lines[:_SHOWN]))
    if len(lines) > _SHOWN:
        diagnostics.say(f"  and {count(len(lines) - _SHOWN)} more; --dry-run names all")
    return diagnostics.agreed(f"Forget {_sum(planned)}?")


def _names(planned: Forgetting, moment: datetime) -> Iterator[str]:
    for record in planned.records:
        age = duration(moment - record.batch.created_at)
        label = f" ({safe_line(record.label, 60)})" if record.label else ""
        stands = f"{record.batch.outcome}, {age} old{_lost(record)}"
        yield f"  {safe_line(record.id, 100)}{label}: {stands}"
    for job in planned.jobs:
        yield f"  job {safe_line(job.name, 60)}: {_batches(len(job.batch_ids))}"


def _lost(record: Record) -> str:
    """What a person wrote that would go with it."""
    parts: Sequence[tuple[str, object]] = (("its note", record.note), ("its pin", record.pinned))
    lost = [name for name, there in parts if there]
    return f", with {' and '.join(lost)}" if lost else ""


def _sum(planned: Forgetting) -> str:
    jobs = f" and {counted(len(planned.jobs), 'job')}" if planned.jobs else ""
    return f"{_batches(len(planned.records))}{jobs}"


def _batches(number: int) -> str:
    return counted(number, "batch", "batches")
