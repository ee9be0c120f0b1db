"""A plan in words: what a verb would do to each batch, what there is to choose, what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from enum import StrEnum

import msgspec
from textual.content import Content

from batchtui.account.plans import Item, Plan, Verb
from batchtui.domain.batch import Record
from batchtui.domain.text import cell_width, count, crop_middle, pad, safe_line
from batchtui.ui.presenters.flow import Row, wrap
from batchtui.ui.presenters.state import LOUD, QUIET

WIDE = 50
"""From this width on (cells) a batch and what becomes of it stand side by side."""

_LONGEST_NAME = 28
_LONGEST_WORDS = 54


class Step(StrEnum):
    """What there is to choose."""

    DOWNLOAD_FIRST = "download first"
    NOW = "now"
    CANCEL_RUNNING = "cancel running"
    BACK = "back"


class Choice(msgspec.Struct, frozen=True):
    """One thing to choose.

    Attributes:
        records: the batches it acts on.
    """

    step: Step
    words: str
    records: tuple[Record, ...] = ()

    @property
    def confirm(self) -> str:
        """The number to type before it is done; "" if the choice itself is enough."""
        return str(len(self.records)) if len(self.records) > 1 else ""


class Came(msgspec.Struct, frozen=True):
    """What came of one batch, so far or for good."""

    words: str
    failed: bool = False
    finished: bool = True


def plan_title(plan: Plan) -> str:
    """What the plan is called, such as "Delete 3 batches"; holds nothing foreign."""
    return f"{plan.verb.capitalize()} {_batches(len(plan.items))}"


def choices(plan: Plan, *, read_only: bool) -> tuple[Choice, ...]:
    """What there is to choose; the last choice changes nothing."""
    found = []
    possible, unfetched, running = plan.possible, plan.to_download, plan.to_cancel
    verb = plan.verb.capitalize()
    number = len(possible)
    if unfetched and possible:
        first = f"Download {len(unfetched)} first, then delete {number}"
        found.append(Choice(Step.DOWNLOAD_FIRST, first, possible))
    if possible:
        found.append(Choice(Step.NOW, f"{verb} {number} now", possible))
    if running:
        found.append(Choice(Step.CANCEL_RUNNING, f"Cancel {len(running)} running", running))
    if read_only:
        found = []
    return (*found, Choice(Step.BACK, "Back"))


def plan_words(plan: Plan, *, read_only: bool) -> Content:
    """What the verb does, and why there may be nothing to do."""
    if plan.verb is Verb.DELETE:
        does = "This removes {} and {} results from the API for good. What is kept here stays."
        does = does.format(*(("it", "its") if len(plan.items) == 1 else ("them", "their")))
    else:
        does = (
            "No more requests are started. Those being answered may still finish, and are billed; "
            "then the batch ends, and its results can be read."
        )
    if read_only:
        return Content.assemble(("READ-ONLY: nothing can be changed.", LOUD), f" {does}")
    if not plan.possible and not plan.to_cancel:
        nothing = f"Nothing to {plan.verb} here."
        return Content.assemble((nothing, LOUD), " The reason stands beside each batch.")
    if len(plan.to_download) > 1:
        answers = count(sum(item.loses for item in plan.items))
        lost = f" {answers} answers in {_batches(len(plan.to_download))} would be lost."
        return Content.assemble(does, (lost, LOUD))
    return Content(does)


def plan_lines(plan: Plan, came: Mapping[str, Came], width: int) -> Iterator[Content]:
    """Each batch and what would become of it or what came of it, made as they are needed."""
    names = _names(plan)
    widths = [cell_width(name) for name in names[:100]]
    longest = min(max(widths, default=0), _LONGEST_NAME, max(width - _LONGEST_WORDS, 14))
    rows = (
        row
        for item, name in zip(plan.items, names, strict=True)
        for row in _item_rows(item, name, came, longest, width)
    )
    return wrap(rows, width)


def _names(plan: Plan) -> list[str]:
    """What to call each batch; those with one label are told apart by the end of their ids."""
    records = [item.record for item in plan.items]
    shared = Counter(record.name for record in records)
    return [
        safe_line(record.name if shared[record.name] == 1 else f"{record.name} …{record.id[-5:]}")
        for record in records
    ]


def _item_rows(
    item: Item, name: str, came: Mapping[str, Came], longest: int, width: int
) -> Iterator[Row]:
    record = item.record
    name = crop_middle(name, longest if width >= WIDE else max(width, 8))
    requests = count(record.batch.request_counts.total)
    words = _what(item, came.get(record.id))
    if width >= WIDE:
        first = Content.assemble(
            (pad(name, longest), "bold" if item.possible else QUIET),
            (f" {requests:>8}  ", QUIET),
        )
        yield Row(words, first, Content(" " * first.cell_length))
    else:
        yield Row(Content.assemble((name, "bold"), (f" {requests}", QUIET)))
        yield Row(words, Content("  "), Content("  "))


def _what(item: Item, came: Came | None) -> Content:
    if came:
        sign, style = ("✗", "$error") if came.failed else ("✓", "$success")
        if not came.finished:
            sign, style = "…", "$accent"
        return Content.assemble((f"{sign} ", style), safe_line(came.words))
    if item.loses:
        lost = f"{count(item.loses)} answer{'s' if item.loses > 1 else ''} would be lost"
        return Content.styled(f"! NOT downloaded: {lost}", LOUD)
    return Content.styled(safe_line(item.say), "" if item.possible else QUIET)


def summary_words(verb: Verb, came: Mapping[str, Came], total: int, waiting: str = "") -> Content:
    """How far carrying it out has come, and what it waits for, if it does."""
    ended = [each for each in came.values() if each.finished]
    failed = sum(each.failed for each in ended)
    if len(ended) < total:
        going = f"{count(len(ended))} of {count(total)} done. Closing this does not stop it."
        why = f"{safe_line(waiting)}. " if waiting else ""
        return Content.assemble((why, LOUD), (going, QUIET))
    if not failed:
        then = " Each ends when what is being answered has finished." if verb is Verb.CANCEL else ""
        return Content.styled(f"Done: {_batches(total)} {_DONE[verb]}.{then}", "$success")
    words = f"Done: {total - failed} of {_batches(total)}; {failed} could not be {_PAST[verb]}."
    return Content.styled(f"{words} Doing it again is safe.", LOUD)


_PAST = {Verb.CANCEL: "canceled", Verb.DELETE: "deleted"}
_DONE = {Verb.CANCEL: "being canceled", Verb.DELETE: "deleted"}


def _batches(number: int) -> str:
    return f"{count(number)} batch{'' if number == 1 else 'es'}"
