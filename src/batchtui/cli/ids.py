"""Which batch a person means: an id, the beginning of one, or a label."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import closing

import click
from click.shell_completion import CompletionItem

from batchtui.cli.start import start
from batchtui.domain.batch import Record
from batchtui.domain.errors import UsageError
from batchtui.domain.text import safe_line
from batchtui.history.history import History

_OFFERED = 50
_SEARCHED = 2000
# Shells split and expand what is offered to them.
_HARMLESS = re.compile(r"[A-Za-z0-9_-]+")


def resolve(history: History, text: str) -> str:
    """The id of the batch that is meant; a text the history does not know stands for itself.

    Raises:
        UsageError: if it may mean several, or nothing.
    """
    if not text.strip():
        raise UsageError("An id cannot be empty")
    found = history.find(text)
    if len(found) > 1:
        raise UsageError(
            f'"{safe_line(text, 100)}" may mean {_one_of(history, found)}',
            todo="Give more of the id",
        )
    return found[0] if found else text


def resolve_all(history: History, texts: Sequence[str]) -> list[str]:
    """The ids of several batches, each once, in the order given.

    Raises:
        UsageError: if one may mean several, or nothing.
    """
    return list(dict.fromkeys(resolve(history, text) for text in texts))


def _one_of(history: History, ids: Sequence[str]) -> str:
    records = [record for each in ids if (record := history.record(each))]
    return " or ".join(map(_named, records)) or f"{len(ids)} batches"


def _named(record: Record) -> str:
    label = f" ({safe_line(record.label, 40)})" if record.label else ""
    return f"{safe_line(record.id, 100)}{label}"


class BatchId(click.ParamType[str]):
    """An argument that names a batch, completed from the history."""

    name = "id"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        """The newest ids that begin like this; nothing if anything is in the way."""
        try:
            return _offers(ctx, incomplete)
        except Exception:
            # Whatever is wrong, a line about it would land in the middle of what is being typed.
            return []


def _offers(context: click.Context, incomplete: str) -> list[CompletionItem[str]]:
    begun = start(context)
    if not (begun.directory / "history.db").exists():
        return []
    with closing(begun.kept().history) as history:
        records = history.records(limit=_SEARCHED)
    fitting = (
        record
        for record in records
        if record.id.startswith(incomplete) and _HARMLESS.fullmatch(record.id)
    )
    return [
        CompletionItem(record.id, help=safe_line(f"{record.batch.outcome} {record.label}".strip()))
        for record, _ in zip(fitting, range(_OFFERED), strict=False)
    ]
