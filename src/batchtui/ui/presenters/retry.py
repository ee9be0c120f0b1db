"""A retry in words: what can be sent again, what would fail again, and what it may cost."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from math import ceil
from pathlib import Path

import msgspec
from textual.content import Content

from batchtui.account.answers import Answers
from batchtui.account.resending import Prepared
from batchtui.account.retrying import MISSING, WITHOUT, Apart, RetryPlan
from batchtui.domain.pricing import PriceTable
from batchtui.domain.result import CANCELED, ERRORED, EXPIRED, PAUSE_TURN, request_at_fault
from batchtui.domain.text import count, counted, crop_middle, money, pad, safe_line, size
from batchtui.ui.presenters.badge import named
from batchtui.ui.presenters.flow import Row
from batchtui.ui.presenters.offers import MUCH
from batchtui.ui.presenters.state import LOUD, QUIET
from batchtui.ui.title import Title
from batchtui.ui.widgets.confirming import Option, Question

_FIRST = (ERRORED, EXPIRED, CANCELED, MISSING)
_TITLES = {
    ERRORED: "errored, may succeed now",
    MISSING: WITHOUT,
    PAUSE_TURN: "pause_turn, to be gone on with",
}
_MOST_APART = 4
_MOST_PROBLEMS = 3
_WIDE = 32


class Toggle(msgspec.Struct, frozen=True):
    """Something that can be sent again or left.

    Attributes:
        kind: the type of the results, or the stop reason of the answers. Foreign text.
        whys: what it is made up of, in words.
        is_type: whether it is a type.
    """

    kind: str
    requests: int
    whys: str
    is_type: bool


def toggles(plan: RetryPlan) -> tuple[Toggle, ...]:
    """What there is to choose from, of a plan for everything; types first."""
    kinds = dict.fromkeys([*_FIRST, *(each.kind for each in plan.reasons)])
    found = []
    for kind in kinds:
        own = [each for each in plan.reasons if each.kind == kind]
        apart = sum(each.requests for each in plan.apart) if kind == ERRORED else 0
        if own or apart:
            whys = [f"{each.why} {count(each.requests)}" for each in own if kind == ERRORED]
            whys += [f"{count(apart)} kept apart"] if not own else []
            number = sum(each.requests for each in own)
            found.append(Toggle(kind, number, ", ".join(whys), kind in _FIRST))
    return tuple(found)


def toggle_cell(toggle: Toggle, *, on: bool) -> Content:
    """A toggle as a line."""
    title = _TITLES.get(toggle.kind) or safe_line(toggle.kind, 40)
    return Content.assemble(
        ("[x] ", "bold $accent") if on else ("[ ] ", QUIET),
        (pad(title, _WIDE), "" if on else QUIET),
        (pad(count(toggle.requests), 9, right=True), "bold" if on else QUIET),
        (f"  {toggle.whys}", QUIET),
    )


def retry_title(title: Title, name: str, marked: int) -> Content:
    """What stands in the frame."""
    what = f"{counted(marked, 'marked request')} of " if marked else ""
    return named("Send again", title, f"{what}{crop_middle(safe_line(name), 40)}")


def retry_rows(
    answers: Answers | None, plan: RetryPlan | None, prepared: Prepared | None, prices: PriceTable
) -> Iterator[Row]:
    """All there is to say of what was chosen, as far as it is known."""
    if answers is not None:
        yield from (Row(Content(words)) for words in answers.standing)
        yield from (Row(Content.styled(words, LOUD)) for words in answers.unready)
    if plan is None:
        yield Row(Content.styled("Looking at the results and their requests…", QUIET))
        return
    yield from _apart(plan.apart)
    yield from _mended(plan)
    for words in plan.words[1:]:
        if not words.startswith("Kept apart"):
            yield Row(Content(words))
    if not plan.requests:
        yield Row(Content.styled(plan.words[0], LOUD))
    elif prepared is None:
        yield Row(Content.styled("Taking the requests out of their file…", QUIET))
    else:
        yield from _prepared(prepared, prices)


def _apart(apart: Sequence[Apart]) -> Iterator[Row]:
    if not apart:
        return
    number = counted(sum(each.requests for each in apart), "request")
    yield Row(Content.assemble((number, "bold"), " kept apart, would fail again as they are:"))
    for each in apart[:_MOST_APART]:
        yield Row(Content.styled(each.words, QUIET), Content("  "), Content("    "))
    if len(apart) > _MOST_APART:
        yield Row(Content.styled(f"  and {len(apart) - _MOST_APART} more kinds of errors", QUIET))


def _mended(plan: RetryPlan) -> Iterator[Row]:
    """What is sent again only because something is set anew."""
    found = [each for each in plan.reasons if each.kind == ERRORED and request_at_fault(each.why)]
    if plan.wanted.settings and found:
        number = counted(sum(each.requests for each in found), "request")
        whys = ", ".join(each.why for each in found)
        words = f" of these failed with {whys}, and are tried because of what is set."
        yield Row(Content.assemble((number, "bold"), words))


def _prepared(prepared: Prepared, prices: PriceTable) -> Iterator[Row]:
    for words in prepared.written.words:
        yield Row(Content.styled(words, LOUD))
    checked = prepared.checked
    for group in checked.problems[:_MOST_PROBLEMS]:
        words = f"{counted(group.count, 'request')} would be refused: {safe_line(group.words)}"
        yield Row(Content.styled(words, "$error"))
    cost = checked.estimate.cost(prices)
    price = f"{money(cost.low)} – {money(cost.high)}" if cost.high else "price not known"
    unpriced = sum(cost.unpriced.values()) if cost.high else 0
    batches = counted(len(checked.parts), "batch", "batches")
    yield Row(
        Content.assemble(
            (counted(checked.requests, "request"), "bold"),
            f" · {size(checked.size)} · {batches} · ",
            (price, "bold"),
            (" estimated", QUIET) if cost.high else "",
            (f", but for {counted(unpriced, 'request')}", LOUD) if unpriced else "",
        )
    )


class Act(msgspec.Struct, frozen=True):
    """What there is to choose, by its word."""

    word: str
    option: Option


SEND, WRITE, BACK = "send", "write", "back"


def acts(
    prepared: Prepared | None, prices: PriceTable, *, may_send: bool, where: str
) -> tuple[Act, ...]:
    """What there is to choose, in the account called `where`; the last changes nothing."""
    found = []
    if prepared is not None:
        requests = counted(prepared.checked.requests, "request")
        if may_send and prepared.checked.ok:
            found.append(
                Act(SEND, Option(f"Send {requests} again in {where}", _confirm(prepared, prices)))
            )
        found.append(Act(WRITE, Option(f"Write {requests} to a file…")))
    return (*found, Act(BACK, Option("Back")))


def taken_question(path: Path) -> Question:
    """Whether a file that is there may be replaced."""
    says = Content(f"{safe_line(str(path), 500)} is there already.")
    return Question("Replace the file?", (Row(says),), (Option("Replace it"), Option("Leave it")))


def written_notice(requests: int, path: Path) -> str:
    """Where requests were written to."""
    verb = "is" if requests == 1 else "are"
    return f"{counted(requests, 'request')} {verb} in {safe_line(str(path), 500)}."


def unsendable(*, read_only: bool, offline: bool, lacking: bool = False) -> str:
    """Why nothing can be sent; "" if it can. `lacking` is whether the server takes no batches."""
    mode = "READ-ONLY" if read_only else "OFFLINE" if offline else ""
    mode = "This server takes no new batches" if lacking else mode
    return mode and f"{mode}: nothing is sent, but the requests can be written to a file."


def _confirm(prepared: Prepared, prices: PriceTable) -> str:
    """What to type first: of several batches their number, else the price if it is high."""
    number = len(prepared.checked.parts)
    high = prepared.checked.estimate.cost(prices).high
    return str(number) if number > 1 else str(ceil(high)) if high > MUCH else ""


def usual(found: Sequence[Toggle]) -> Collection[str]:
    """The toggles that are on unless a person says otherwise."""
    return {each.kind for each in found if each.is_type}
