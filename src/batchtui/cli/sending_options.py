"""The options of the verbs that send requests: how large a batch may be, and how to go about it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click
import msgspec

from batchtui.account.reconciling import Adopt, Decision, SendAgain
from batchtui.cli import diagnostics
from batchtui.cli.ids import BatchId, resolve
from batchtui.cli.quantities import Volume
from batchtui.domain.errors import UsageError
from batchtui.domain.request import MOST_BYTES, MOST_REQUESTS
from batchtui.domain.text import count
from batchtui.history.history import History
from batchtui.submissions.checked import Limits

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_LIMITS = (
    click.option(
        "--max-requests",
        type=click.IntRange(1, MOST_REQUESTS),
        default=MOST_REQUESTS,
        metavar="N",
        help=f"Requests of one batch, at most {count(MOST_REQUESTS)}.",
    ),
    click.option(
        "--max-bytes",
        type=Volume(),
        metavar="SIZE",
        help="Bytes of one batch, such as 50MB; at most 256MB.",
    ),
)
_SENDING = (
    click.option(
        "--max-in-flight",
        type=click.IntRange(min=1),
        metavar="N",
        help="Batches that are processed at once; more wait until one has ended.",
    ),
    click.option("--resume", is_flag=True, help="Go on with a job where it stopped."),
    click.option(
        "--adopt",
        type=BatchId(),
        metavar="ID",
        help="With --resume: the part of which it is not known became this batch.",
    ),
    click.option(
        "--send-again",
        is_flag=True,
        help="With --resume: the part of which it is not known became no batch.",
    ),
    click.option("--watch", is_flag=True, help="Wait until all batches have ended."),
    click.option("--yes", is_flag=True, help="Do not ask."),
    click.option("--dry-run", is_flag=True, help="Only print what would be sent."),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each batch."),
)


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """How to send.

    Attributes:
        limits: how large a batch may become.
        max_in_flight: how many batches may be processed at once.
        resume: go on with a job.
        adopt: the batch, as typed, that came of the part of which it is not known.
        send_again: send that part again.
        watch: wait until all batches have ended.
        yes: do not ask.
        dry_run: send nothing.
    """

    limits: Limits
    max_in_flight: int | None
    resume: bool
    adopt: str | None
    send_again: bool
    watch: bool
    yes: bool
    dry_run: bool
    as_json: bool

    def check(self) -> None:
        """Look whether the options go together.

        Raises:
            UsageError: if they do not.
        """
        if self.decides and not self.resume:
            raise UsageError("--adopt and --send-again are for --resume")
        if self.adopt is not None and self.send_again:
            raise UsageError("Give --adopt or --send-again, not both")

    def require_person(self) -> None:
        """Look whether there is somebody to ask, if anything is to be asked.

        Raises:
            UsageError: if there is not.
        """
        if not self.yes:
            diagnostics.require_person()

    @property
    def decides(self) -> bool:
        """Whether it says what became of a part."""
        return self.adopt is not None or self.send_again

    def decision(self, history: History) -> Decision | None:
        """What it says became of a part.

        Raises:
            UsageError: if the batch may be one of several.
        """
        if self.adopt is not None:
            return Adopt(resolve(history, self.adopt))
        return SendAgain() if self.send_again else None


def limit_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options for the size of batches; it gets them as `limits`."""

    @wraps(command)
    def bundled(*args: Any, max_requests: int, max_bytes: int | None, **others: Any) -> Any:
        limits = Limits(max_requests, min(max_bytes or MOST_BYTES, MOST_BYTES))
        return command(*args, limits=limits, **others)

    return _with(_LIMITS, bundled)


def sending_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command all options for sending; it gets them as `manner`."""
    names = frozenset(Manner.__struct_fields__)

    @wraps(command)
    def bundled(*args: Any, **given: Any) -> Any:
        manner = Manner(**{name: given.pop(name) for name in names})
        manner.check()
        return command(*args, manner=manner, **given)

    return limit_options(_with(_SENDING, bundled))


def _with(
    options: tuple[Callable[[Decorated], Decorated], ...], command: Callable[..., Any]
) -> Callable[..., Any]:
    for option in reversed(options):
        command = option(command)
    return command
