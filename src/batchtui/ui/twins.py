"""Finds other kept batches that have a result of the same custom_id."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import msgspec

from batchtui.domain.batch import Record
from batchtui.domain.errors import BatchtuiError
from batchtui.results.index import Row
from batchtui.results.opening import open_results
from batchtui.ui.session import Session


class Twin(msgspec.Struct, frozen=True):
    """A batch that has a result of this custom_id.

    Attributes:
        row: what its index says of that result.
    """

    record: Record
    row: Row


async def find_twins(session: Session, batch_id: str, custom_id: str) -> AsyncGenerator[Twin, None]:
    """Look through the other batches whose results are here, the newest first."""
    records = sorted(
        (each for each in session.records.values() if each.results_here and each.id != batch_id),
        key=lambda record: record.batch.created_at,
        reverse=True,
    )
    for record in records:
        try:
            file = await open_results(session.account.results.path(record.id))
        except BatchtuiError:
            continue  # It says so itself when it is opened.
        with file:
            number = file.find(custom_id)
            if number is not None:
                yield Twin(record, file.row(number))
