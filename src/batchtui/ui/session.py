"""What all screens share: the known batches, how the poller stands, and the way to the account."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from batchtui.account.account import Account
from batchtui.account.events import Changed, Event, Paging, Pulse, Reloaded
from batchtui.account.poller import Poller
from batchtui.domain.batch import Record
from batchtui.domain.forecast import Forecast, Past
from batchtui.ui.downloads import Downloads
from batchtui.ui.engine import Engine

FIRST = 200
"""So many batches are read before the first paint; the others follow at once behind it."""


class Title(msgspec.Struct, frozen=True):
    """What the header says of where we are.

    Attributes:
        account: the profile or the source of the key.
        workspace: the id of the workspace, "" if none is named.
        endpoint: the host of the API.
        modes: READ-ONLY, OFFLINE, DEMO.
    """

    account: str
    workspace: str
    endpoint: str
    modes: tuple[str, ...] = ()


class Session:
    """The screens' one source of truth.

    Args:
        account: the account; its own loop's alone once the engine was started.
        every: seconds between two ticks, see `Poller`.
        on_event: told of every event, on the engine's thread.
        on_crash: told of a fault in batchtui itself, on the engine's thread.
    """

    def __init__(
        self,
        account: Account,
        title: Title,
        *,
        every: float | None,
        on_event: Callable[[Event], None],
        on_crash: Callable[[BaseException], None],
    ) -> None:
        self.account = account
        self.title = title
        self.read_only = account.read_only
        self.poller = Poller(account, every=every)
        self.engine = Engine(account, self.poller, on_crash=on_crash)
        self.downloads = Downloads(self.engine, account)
        self.records = {record.id: record for record in account.records(limit=FIRST)}
        self.past: Past = account.past
        self.pulse: Pulse = self.poller.pulse
        self.paging: Paging = self.poller.paging
        account.listen(on_event)

    def now(self) -> datetime:
        """The present, in the zone times are shown in."""
        return self.account.clock().astimezone()

    def forecast(self, record: Record, now: datetime) -> Forecast | None:
        """When a running batch will probably end."""
        if not record.running:
            return None
        batch = record.batch
        return self.past.forecast(batch.request_counts.total, batch.elapsed(now).total_seconds())

    def take(self, event: Event) -> None:
        """Bring an event into what is known; on the screens' thread."""
        match event:
            case Pulse():
                self.pulse = event
            case Paging():
                self.paging = event
            case Changed(changes):
                self.records.update((each.record.id, each.record) for each in changes)
            case Reloaded():
                pass

    async def reload(self) -> None:
        """Read all records and the past anew."""
        account = self.account
        records, self.past = await self.engine.get(lambda: (account.records(), account.past))
        self.records = {record.id: record for record in records}

    def of(self, batch_ids: Sequence[str]) -> list[Record]:
        """The records of these batches, as far as known, in the order given."""
        return [self.records[each] for each in batch_ids if each in self.records]
