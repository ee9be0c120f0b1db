"""What can be done with a request file that was looked at, and what has to be typed for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import StrEnum
from math import ceil

import msgspec

from batchtui.domain.job import Job
from batchtui.domain.pricing import PriceTable
from batchtui.domain.text import counted, crop_middle, money, safe_line
from batchtui.submissions.checked import Checked
from batchtui.ui.widgets.confirming import Option

MUCH = 50.0
"""US dollars; who sends what may cost more types how much it is."""

_NAME = 30


class Act(StrEnum):
    """What there is to choose."""

    SEND = "send"
    GO_ON = "go on"
    CHECK_AGAIN = "check again"
    OTHER_FILE = "other file"


class Offer(msgspec.Struct, frozen=True):
    """One thing to choose.

    Attributes:
        job: the one to go on with.
    """

    act: Act
    option: Option
    job: Job | None = None


def offers(
    checked: Checked | None,
    before: Sequence[Job],
    prices: PriceTable,
    *,
    may_send: bool,
    where: str,
    under_way: Collection[int] = (),
) -> tuple[Offer, ...]:
    """What there is to choose, the likeliest first; the last changes nothing.

    Args:
        checked: what was found in the file; None if it cannot be read.
        before: the jobs that were made of it already, newest first.
        prices: in force.
        may_send: whether anything can be sent at all.
        where: the account it is sent in; safe.
        under_way: the keys of the jobs that are being sent.
    """
    found: list[Offer] = []
    if may_send and checked and checked.ok:
        interrupted = [job for job in before if job.unsent and job.key not in under_way]
        found += [_go_on(job, where) for job in interrupted[:1]]
        found.append(_send(checked, prices, where, again=bool(before)))
    return (
        *found,
        Offer(Act.CHECK_AGAIN, Option("Check the file again")),
        Offer(Act.OTHER_FILE, Option("Pick another file")),
    )


def _go_on(job: Job, where: str) -> Offer:
    name = crop_middle(safe_line(job.name), _NAME)
    left = counted(len(job.unsent), "batch", "batches")
    return Offer(Act.GO_ON, Option(f"Go on with {name}: send the missing {left} in {where}"), job)


def _send(checked: Checked, prices: PriceTable, where: str, *, again: bool) -> Offer:
    number = len(checked.parts)
    batches = counted(number, "batch", "batches")
    high = checked.estimate.cost(prices).high
    upto = f" for up to {money(high)}" if high > MUCH else ""
    confirm = str(number) if number > 1 or again else str(ceil(high)) if high > MUCH else ""
    if again:
        return Offer(
            Act.SEND, Option(f"Submit it once more, as {batches}{upto}, in {where}", confirm)
        )
    return Offer(Act.SEND, Option(f"Send {batches}{upto} in {where}", confirm))


def first_offer(offered: Sequence[Offer], before: Sequence[Job]) -> int:
    """Where the highlight begins: on sending, but not on sending a second time."""
    if offered[0].act is Act.SEND and before:
        return len(offered) - 1
    return 0


def refusal(*, read_only: bool, offline: bool, lacking: bool = False) -> str:
    """Why nothing can be sent; "" if it can. `lacking` is whether the server takes no batches."""
    if lacking:
        return "This server takes no new batches: files can be checked, but nothing is sent."
    if read_only:
        return "READ-ONLY: files can be checked, but nothing is sent."
    return "OFFLINE: files can be checked, but nothing is sent." if offline else ""
