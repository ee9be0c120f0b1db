"""What can go wrong on purpose: the `--fault` grammar, and when each fault strikes.

    KIND[=VALUE][/OPERATION][:COUNT | @RATE]

`429:3` strikes the first three requests, `529@0.2` a fifth of them, `reset/results:1` the first
download, `latency=2.5` every request.
"""

import re
from collections.abc import Iterable
from threading import Lock

import msgspec

from batchtui.domain.errors import UsageError
from batchtui.simulator.chance import MASK, key_of, mix

OPERATIONS = ("create", "retrieve", "list", "cancel", "delete", "results")

GATEWAY_STATUSES = (404, 405, 501)
"""What a gateway answers to what it does not offer."""


class Kind(msgspec.Struct, frozen=True):
    """One way to fail.

    Attributes:
        value: What `=VALUE` means when it is left out; None if the kind takes no value.
        operations: Where it strikes unless told otherwise.
    """

    says: str
    value: float | None = None
    operations: tuple[str, ...] = OPERATIONS


KINDS = {
    "429": Kind("rate limited, with retry-after: VALUE", 5),
    "429-bare": Kind("rate limited, without retry-after"),
    "queue-full": Kind(
        "429, too many requests wait to be processed, with retry-after: VALUE", 5, ("create",)
    ),
    "queue-full-bare": Kind("the same, without retry-after", None, ("create",)),
    "spend-cap": Kind("429, the organization's monthly limit is reached"),
    "spend-limit": Kind("400, a limit the user set is reached"),
    "400": Kind("invalid request"),
    "401": Kind("the key is not accepted"),
    "revoke": Kind("from request VALUE + 1 on, the key it came with is accepted no more", 0),
    "402": Kind("billing problem"),
    "403": Kind("the key lacks a permission"),
    "404": Kind("not found, though it is there"),
    "408": Kind("request timeout"),
    "409": Kind("conflict"),
    "413": Kind("too large, as an HTML page"),
    "500": Kind("internal server error"),
    "502": Kind("bad gateway, as an HTML page"),
    "503": Kind("unavailable"),
    "504": Kind("gateway timeout"),
    "529": Kind("overloaded"),
    "lacks": Kind("not offered, as a gateway says it, with status VALUE: 404, 405 or 501", 404),
    "latency": Kind("answers after VALUE seconds", 1),
    "empty": Kind("done, but the answer is {}"),
    "broken": Kind("done, but the answer is broken JSON"),
    "reset": Kind("the connection closes in the middle of the body", None, ("results",)),
    "stall": Kind(
        "the body stops in the middle, at most VALUE seconds long",
        3600,
        ("results",),
    ),
    "truncate": Kind("the last line of the body is cut off", None, ("results",)),
    "garbage": Kind("a line of the body is noise", None, ("results",)),
    "drop": Kind("done, but the connection closes before the answer", None, ("create",)),
    "late": Kind("done, but the answer comes VALUE seconds later", 60, ("create",)),
    "lose": Kind(
        "the connection closes in the middle of what is sent; nothing is done", None, ("create",)
    ),
}

_SPEC = re.compile(
    r"(?P<kind>[a-z0-9-]+)(?:=(?P<value>\d+(?:\.\d+)?))?(?:/(?P<operation>[a-z]+))?"
    r"(?::(?P<count>\d+)|@(?P<rate>[01](?:\.\d+)?|\.\d+))?"
)


class Fault(msgspec.Struct, frozen=True):
    """One fault as asked for; without count and rate it strikes every time."""

    kind: str
    value: float
    operations: tuple[str, ...]
    count: int | None = None
    rate: float | None = None


class Strike(msgspec.Struct, frozen=True):
    """What befalls one request: seconds of latency, and perhaps a fault."""

    latency: float = 0
    fault: Fault | None = None


def parse_fault(spec: str) -> Fault:
    """Read one `--fault` specification.

    Raises:
        UsageError: It does not follow the grammar, or names an unknown kind or operation.
    """
    match = _SPEC.fullmatch(spec)
    kind = KINDS.get(match["kind"]) if match else None
    if match is None or kind is None:
        raise UsageError(
            f"{spec!r} is not a fault",
            todo="Write KIND[=VALUE][/OPERATION][:COUNT or @RATE], where KIND is one of "
            + ", ".join(KINDS),
        )
    operation = match["operation"]
    if operation is not None and operation not in OPERATIONS:
        raise UsageError(
            f"{spec!r} names no operation of the API", todo=f"Choose one of {', '.join(OPERATIONS)}"
        )
    if match["value"] is not None and kind.value is None:
        raise UsageError(f"{spec!r}: {match['kind']} takes no value")
    rate = float(match["rate"]) if match["rate"] else None
    if rate is not None and rate > 1:
        raise UsageError(f"{spec!r}: a rate lies between 0 and 1")
    value = float(match["value"] or kind.value or 0)
    if match["kind"] == "lacks" and value not in GATEWAY_STATUSES:
        raise UsageError(f"{spec!r}: a gateway answers with 404, 405 or 501 what it does not offer")
    return Fault(
        kind=match["kind"],
        value=value,
        operations=(operation,) if operation else kind.operations,
        count=int(match["count"]) if match["count"] else None,
        rate=rate,
    )


def lacking(specs: Iterable[str]) -> list[str]:
    """The faults of a server that lacks operations.

    Args:
        specs: Operations, with commas between them if several, each with `=STATUS` if it is to
            answer with another status than 404: `list,delete=405`.

    Raises:
        UsageError: There is no such operation, or a gateway would not answer so.
    """
    found = []
    for word in ",".join(specs).split(",") if specs else []:
        operation, equals, status = word.strip().partition("=")
        found.append(f"lacks{equals}{status}/{operation}")
        parse_fault(found[-1])
    return found


class Faults:
    """The faults in force, which can change while the server runs. Safe from several threads.

    Args:
        specs: Specifications as of `--fault`.
        seed: Decides which requests a rate strikes.

    Raises:
        UsageError: A specification makes no sense.
    """

    def __init__(self, specs: Iterable[str] = (), *, seed: int = 1) -> None:
        self._seed = seed
        self._lock = Lock()
        self._active: list[_Active] = []
        for spec in specs:
            self.add(spec)

    def add(self, spec: str) -> None:
        """Put one more fault in force."""
        fault = parse_fault(spec)
        with self._lock:
            self._active.append(_Active(fault, key_of(self._seed, spec)))

    def clear(self) -> None:
        """Behave from now on."""
        with self._lock:
            self._active.clear()

    def strike(self, operation: str) -> Strike:
        """What befalls the next request of this operation.

        At most one fault strikes a request, besides latency: the first in force that is due. So
        `429:1` and `529:2` follow one another.
        """
        latency, struck = 0.0, None
        with self._lock:
            for active in self._active:
                fault = active.fault
                late = fault.kind == "latency"
                if operation in fault.operations and (late or not struck) and active.strikes():
                    latency, struck = (fault.value, struck) if late else (latency, fault)
        return Strike(latency, struck)


class _Active:
    """A fault and how often it was asked about."""

    def __init__(self, fault: Fault, key: int) -> None:
        self.fault = fault
        self._key = key
        self._asked = 0

    def strikes(self) -> bool:
        self._asked += 1
        # A key is good for so many requests first.
        if self.fault.kind == "revoke" and self._asked <= self.fault.value:
            return False
        if self.fault.count is not None:
            first = int(self.fault.value) if self.fault.kind == "revoke" else 0
            return self._asked - first <= self.fault.count
        if self.fault.rate is not None:
            return mix(self._key + self._asked & MASK) < self.fault.rate * MASK
        return True
