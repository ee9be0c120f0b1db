"""Which batches a person means: an id, the beginning of one, a label, or the name of a job."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from itertools import islice

import click
import msgspec
from click.shell_completion import CompletionItem

from batchtui.cli.start import start
from batchtui.domain.batch import Record
from batchtui.domain.errors import UsageError
from batchtui.domain.job import COMMON_START, Job
from batchtui.domain.text import counted, safe_line
from batchtui.history.history import History

_OFFERED = 50
_SEARCHED = 2000
_LONGEST_KEY = 12
# Shells split and expand what is offered to them.
_HARMLESS = re.compile(r"[A-Za-z0-9_.-]+")


class Target(msgspec.Struct, frozen=True):
    """What a person means.

    Attributes:
        batch_ids: the batch, or those of the job in the order of sending.
        job: the job, if one is meant.
    """

    batch_ids: tuple[str, ...]
    job: Job | None = None


def resolve_many(history: History, text: str) -> Target:
    """The job or the batch that is meant; a text the history does not know stands for itself.

    A job is called by its name. That name may be the label of one of its own batches, too; of any
    other batch it may not.

    Raises:
        UsageError: if it may mean several, or nothing.
    """
    job = job_named(history, text)
    if job is None:
        return Target((_batch(history, text),))
    records = [record for each in history.find(text) if (record := history.record(each))]
    others = [each for each in records if text in (each.id, each.label)]
    others = [each for each in others if each.id not in job.batch_ids]
    if others:
        means = " or ".join([f"the job of {_batches(job)}", *map(_named, others)])
        raise UsageError(
            f'"{safe_line(text, 100)}" may mean {means}',
            todo=f"Give the id of a batch, or {job.id}",
        )
    return Target(job.batch_ids, job)


def resolve(history: History, text: str) -> str:
    """The id of the one batch that is meant; a text the history does not know stands for itself.

    Raises:
        UsageError: if it may mean several, or nothing.
    """
    batch_ids = _sent(history, text)
    if len(batch_ids) == 1:
        return batch_ids[0]
    raise UsageError(
        f'"{safe_line(text, 100)}" is a job of {len(batch_ids)} batches, and this needs one',
        todo="Give its id; `batchtui show` tells those of a job",
    )


def resolve_all(history: History, texts: Sequence[str]) -> list[str]:
    """The ids of several batches, each once, in the order given; a job stands for all of its own.

    Raises:
        UsageError: if one may mean several, or nothing.
    """
    return list(dict.fromkeys(each for text in texts for each in _sent(history, text)))


def _sent(history: History, text: str) -> tuple[str, ...]:
    batch_ids = resolve_many(history, text).batch_ids
    if not batch_ids:
        raise UsageError(f'Nothing of the job "{safe_line(text, 100)}" was sent yet')
    return batch_ids


def job_named(history: History, text: str) -> Job | None:
    """The job of this name, or with this id such as `job:3`.

    Raises:
        UsageError: if no job has that id.
    """
    number = text.removeprefix(COMMON_START)
    if number != text and number.isdecimal() and len(number) < _LONGEST_KEY:
        return history.jobs.get(int(number))
    return history.jobs.named(text) if text.strip() else None


def _batch(history: History, text: str) -> str:
    if not text.strip():
        raise UsageError("An id cannot be empty")
    found = history.find(text)
    if len(found) > 1:
        raise UsageError(
            f'"{safe_line(text, 100)}" may mean {_one_of(history, found)}',
            todo="Give more of the id",
        )
    return found[0] if found else text


def _one_of(history: History, ids: Sequence[str]) -> str:
    records = [record for each in ids if (record := history.record(each))]
    return " or ".join(map(_named, records)) or f"{len(ids)} batches"


def _named(record: Record) -> str:
    label = f" ({safe_line(record.label, 40)})" if record.label else ""
    return f"{safe_line(record.id, 100)}{label}"


def _batches(job: Job) -> str:
    return counted(len(job.parts), "batch", "batches")


class BatchId(click.ParamType[str]):
    """An argument that names a batch or a job, completed from the history."""

    name = "id"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        """The newest ids, labels and jobs that begin so; nothing if anything is in the way."""
        try:
            return _offers(ctx, incomplete)
        except Exception:
            # Whatever is wrong, a line about it would land in the middle of what is being typed.
            return []


def _offers(context: click.Context, incomplete: str) -> list[CompletionItem[str]]:
    begun = start(context, lenient=True)
    if not (begun.directory / "history.db").exists():
        return []
    with closing(begun.kept().history) as history:
        records, jobs = history.records(limit=_SEARCHED), history.jobs.all()
    offers = [(job.name, f"job of {_batches(job)}") for job in jobs]
    offers += [(each.id, f"{each.batch.outcome} {each.label}".strip()) for each in records]
    # A name that several go by means none of them.
    named = Counter([each.label for each in records] + [job.name for job in jobs])
    offers += [
        (each.label, f"{each.batch.outcome} {each.id}")
        for each in records
        if named[each.label] == 1
    ]
    fitting = (
        CompletionItem(name, help=safe_line(help_))
        for name, help_ in offers
        if name.startswith(incomplete) and _HARMLESS.fullmatch(name)
    )
    return list(islice(fitting, _OFFERED))
