"""Tells a person, and the programs they chose for it, of what happened: each thing once.

"Once" holds across processes: an event is taken on in the history before it is told, see
`batchtui.history.told` for what happens should its teller die in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Final

from batchtui.account.hook_facts import body_of, environ_of
from batchtui.account.hooks import HookRunner, Run
from batchtui.account.opening import Opened
from batchtui.domain import osc
from batchtui.domain.batch import Record
from batchtui.domain.errors import StorageError
from batchtui.domain.happening import Event, Happening, end_key, end_of, summary, warnings_of
from batchtui.history.told import LEASE, Told
from batchtui.settings.schema import Hooks, Settings

_TO_PERSON: Final = ""
_TO_PROGRAM: Final = " hook"
"""Who is told, at the end of what is noted of it: a person and programs of theirs, each once."""


class Teller:
    """Notices what happens to the rows of one account. Lives on the account's loop.

    Args:
        opened: the account, and the settings of how to tell.
        environ: the environment, which says what the terminal understands and which programs get.
        write: writes to the terminal as it is; does nothing off one. Called on the account's loop.
        on_trouble: told, as one sentence, of what went wrong with a program. Likewise.
        heard: whether there is a terminal to tell. Without one, that is left to an instance that
            has one; programs are run all the same.

    Attributes:
        settings: those in force; may be replaced at any time.
    """

    def __init__(
        self,
        opened: Opened,
        *,
        environ: Mapping[str, str],
        write: Callable[[str], None],
        on_trouble: Callable[[str], None],
        heard: bool = True,
    ) -> None:
        self.settings: Settings = opened.settings
        self._opened = opened
        self._environ = environ
        self._abilities = osc.abilities(environ)
        self._write = write
        self._heard = heard
        self._runner = HookRunner(on_trouble)
        self._stood: dict[str, str] = {}
        self._asked: set[tuple[str, str]] = set()
        self._abandoned: set[tuple[str, str]] = set()
        self._reviewed_at: datetime | None = None
        self._begun_at: datetime | None = None
        self._to_begin: dict[tuple[str, str], int] = {}

    def look(self, rows: Iterable[Record], *, ended: Iterable[Record] = ()) -> list[Happening]:
        """Tell what has happened to rows: to be called with all of them whenever some changed.

        The end of a row counts if an earlier call saw it running: the first call tells of none.
        The terminal is told of nothing that was due before the first call: who looks then is there.

        Args:
            rows: what is watched: jobs, and batches that are in none.
            ended: those of them known to have just ended, whatever earlier calls saw.

        Returns:
            What a person was told of by this call, and so by nobody else.
        """
        now = self._opened.account.clock()
        self._begun_at = self._begun_at or now
        self._review(now)
        self._stood.update((record.id, "") for record in ended)
        happened = [each for record in rows for each in self._happened(record, now)]
        told = self._claim(happened, _TO_PERSON, now) if self._heard else []
        self._notify([each for each in told if self.is_new(each)])
        self._settle([_told_to(each, _TO_PERSON) for each in told])
        hooked = [each for each in happened if _hooks_of(each, self.settings.hooks)]
        self._run_hooks(self._claim(hooked, _TO_PROGRAM, now), now)
        return told

    def is_new(self, happening: Happening) -> bool:
        """Whether it came about since the first look."""
        since, begun_at = happening.since, self._begun_at
        return since is None or begun_at is None or since > begun_at

    async def finish(self) -> None:
        """Wait until the programs have ended; each is stopped by its timeout at the latest."""
        await self._runner.finish()

    async def close(self) -> None:
        """Stop the programs; what they have not begun with is left to whoever looks next."""
        await self._runner.close()
        if self._to_begin:
            with suppress(StorageError):  # then it is free after the lease
                self._told.release(self._to_begin)
            self._to_begin.clear()

    # What happened

    def _review(self, now: datetime) -> None:
        """Look now and then for what somebody was about to tell, and then did not."""
        if self._reviewed_at and now - self._reviewed_at < LEASE:
            return
        self._reviewed_at = now
        try:
            self._abandoned = self._told.abandoned(at=now) - self._to_begin.keys()
        except StorageError:
            return
        self._asked -= self._abandoned

    def _happened(self, record: Record, now: datetime) -> Iterator[Happening]:
        key = "" if record.batch.running else end_key(record)
        stood = self._stood.get(record.id, key)
        self._stood[record.id] = key
        if key and record.on_server and (stood != key or self._is_abandoned(record.id, key)):
            yield end_of(record)
        yield from warnings_of(record, now)

    def _is_abandoned(self, row_id: str, key: str) -> bool:
        return any((row_id, key + whom) in self._abandoned for whom in (_TO_PERSON, _TO_PROGRAM))

    def _claim(self, happened: Sequence[Happening], whom: str, now: datetime) -> list[Happening]:
        """Take on telling somebody of it; returns what nobody else has told them."""
        asked = {_told_to(each, whom): each for each in happened}
        asked = {id_: each for id_, each in asked.items() if id_ not in self._asked}
        if not asked:
            return []
        self._asked.update(asked)
        self._abandoned.difference_update(asked)
        try:
            ours = self._told.claim(asked, at=now)
        except StorageError:
            return list(asked.values())  # rather twice than never
        return [each for id_, each in asked.items() if id_ in ours]

    # Telling it

    def _notify(self, told: Sequence[Happening]) -> None:
        if not told:
            return
        notify = self.settings.notify
        bell = osc.BELL if notify.bell else ""
        known = self._abilities
        desktop = known.desktop if notify.desktop == "auto" else notify.desktop
        if sequences := bell + osc.notification(summary(told), desktop, tmux=known.tmux):
            self._write(sequences)

    def _run_hooks(self, claimed: Sequence[Happening], now: datetime) -> None:
        hooks = self.settings.hooks
        for each in claimed:
            event = _told_to(each, _TO_PROGRAM)
            names = _hooks_of(each, hooks)
            self._to_begin[event] = len(names)
            for name in names:
                command: tuple[str, ...] = getattr(hooks, f"on_{name}")
                environ = environ_of(name, each, self._opened, self._environ, now)
                body = body_of(name, each, self._opened, now)
                begun = partial(self._begun, event)
                self._runner.add(Run(f"on_{name}", command, environ, body, hooks.timeout, begun))

    def _begun(self, event: tuple[str, str]) -> None:
        left = self._to_begin.get(event, 0) - 1
        if left > 0:
            self._to_begin[event] = left
        elif self._to_begin.pop(event, 0):
            self._settle([event])

    def _settle(self, events: Sequence[tuple[str, str]]) -> None:
        if not events:
            return
        try:
            self._told.settle(events)
        except StorageError:
            return  # told again after the lease, at worst

    @property
    def _told(self) -> Told:
        return self._opened.account.history.told


def _told_to(happening: Happening, whom: str) -> tuple[str, str]:
    """What tells it from all else that somebody is told of."""
    row_id, key = happening.id
    return row_id, key + whom


def _hooks_of(happening: Happening, hooks: Hooks) -> list[Event]:
    """Which hooks are for it and set: the end of a row is one, also if it is a partial one."""
    events = [Event.END] * happening.ended
    if happening.event not in events:
        events.append(happening.event)
    return [each for each in events if getattr(hooks, f"on_{each}")]
