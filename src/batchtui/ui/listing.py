"""What is listed of a batch's results, and in what order, as a value; and which lines those are."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

import msgspec

from batchtui.domain.pricing import PriceTable
from batchtui.results.filter import Filter
from batchtui.results.index import Index
from batchtui.results.order import By, Order
from batchtui.results.query import select
from batchtui.results.slices import Steps
from batchtui.results.summary import ErrorGroup

_BIGGEST_FIRST = frozenset({By.INPUT, By.OUTPUT, By.COST, By.SIZE})


class Group(msgspec.Struct, frozen=True):
    """Lines that triage counts together. All text is foreign; what is empty is not asked for.

    Attributes:
        type, error_type, shape: of lines that failed alike.
        stop_reason: of lines that stopped alike.
        model: of lines the same model answered.
    """

    type: str = ""
    error_type: str = ""
    shape: str = ""
    stop_reason: str = ""
    model: str = ""

    @classmethod
    def of(cls, group: ErrorGroup) -> Group:
        """The lines of a group of errors."""
        return cls(type=group.type, error_type=group.error_type, shape=group.shape)

    @property
    def filter(self) -> Filter:
        """What lets these lines through, and no others."""
        return Filter(
            types=_one(self.type),
            error_types=_one(self.error_type),
            shapes=_one(self.shape),
            stop_reasons=_one(self.stop_reason),
            models=_one(self.model),
        )


def _one(name: str) -> frozenset[str]:
    return frozenset({name}) if name else frozenset()


class Listing(msgspec.Struct, frozen=True):
    """What is to be listed: lines for which all of this holds.

    Attributes:
        tab: the place of the tab, from 0.
        groups: of those about errors and stop reasons, and of those about models, one must hold.
        words: the filter as typed.
        order: the order of the lines.
        hits_only: whether to list only what a search found.
    """

    tab: int = 0
    groups: frozenset[Group] = frozenset()
    words: str = ""
    order: Order = Order()
    hits_only: bool = False

    @property
    def filtered(self) -> bool:
        """Whether more than the tab limits what is listed."""
        return bool(self.groups or self.words.strip() or self.hits_only)

    def toggled(self, group: Group) -> Listing:
        """With a group of triage, or without it."""
        return msgspec.structs.replace(self, groups=self.groups ^ {group})

    def unfiltered(self) -> Listing:
        """Without anything that limits what the tab lists."""
        return msgspec.structs.replace(self, groups=frozenset(), words="", hits_only=False)

    def sorted_by(self, by: By) -> Listing:
        """Sorted by something, numbers from the biggest; if it is already, the other way round."""
        if by is self.order.by:
            return self.reversed()
        return msgspec.structs.replace(self, order=_order(by))

    def next_order(self) -> Listing:
        """Sorted by what comes next."""
        return msgspec.structs.replace(self, order=_order(self.order.next.by))

    def reversed(self) -> Listing:
        """The other way round."""
        order = msgspec.structs.replace(self.order, reverse=not self.order.reverse)
        return msgspec.structs.replace(self, order=order)

    def lines(
        self, index: Index, kinds: Sequence[str], prices: PriceTable, hits: Sequence[int]
    ) -> Steps[Sequence[int]]:
        """The numbers of the lines to list, in order, as a compact sequence.

        Args:
            index: of the result file.
            kinds: the types of the tab; empty for all.
            prices: to sort by cost.
            hits: the numbers of the lines that a search found, ascending.
        """
        among: Sequence[int] | None = hits if self.hits_only else None
        if kinds:
            among = yield from select(index, Filter(types=frozenset(kinds)), among=among)
        models = [group for group in self.groups if group.model]
        for groups in (models, self.groups.difference(models)):
            if groups:
                among = yield from _any_of(index, groups, among)
        words = Filter.parse(self.words)
        return (yield from select(index, words, self.order, prices=prices, among=among))


def _order(by: By) -> Order:
    return Order(by, reverse=by in _BIGGEST_FIRST)


def _any_of(
    index: Index, groups: Iterable[Group], among: Sequence[int] | None
) -> Steps[Sequence[int]]:
    """The lines of all the groups; no line is in two of them."""
    found = array("I")
    for group in groups:
        found.extend((yield from select(index, group.filter, among=among)))
    return array("I", sorted(found))
