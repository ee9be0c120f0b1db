"""The simulator on a loopback port: in this process until interrupted, or in a thread beside it."""

import socket
import sys
from collections import deque
from collections.abc import Iterable
from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING, Self

from batchtui.domain.errors import BatchtuiError
from batchtui.simulator.clock import Clock, RunningClock
from batchtui.simulator.faults import Faults
from batchtui.simulator.lifecycle import Counting
from batchtui.simulator.world import World

if TYPE_CHECKING:
    import uvicorn

    from batchtui.simulator.edge import Call

CALLS_KEPT = 10_000
HOST = "127.0.0.1"
KEY = "sk-ant-simulated"
"""A key to use; the simulator accepts any but one."""


def serve(
    *,
    port: int = 0,
    seed: int = 1,
    speed: float = 1.0,
    scenario: str = "demo",
    counts: Counting = "api",
    faults: Iterable[str] = (),
) -> None:
    """Serve until interrupted.

    The first line on stdout is the base URL, alone; how to use it goes to stderr.

    Args:
        port: 0 for a free one.
        seed: Sets apart worlds of the same scenario.
        speed: How many times faster than real time the world lives.
        scenario: One of `scenarios.SCENARIOS`, with a size of its own if it has one: `big:20000`.
        counts: Whether counts move before a batch ends.
        faults: Specifications in the grammar of `faults`.

    Raises:
        UsageError: No such scenario, or a bad fault.
        BatchtuiError: The port is taken.
    """
    world = World(scenario, seed=seed, clock=RunningClock(speed), counts=counts)
    listener = _listen(port)
    base_url = _base_url(listener)
    server = _server(world, Faults(faults, seed=seed))
    print(base_url, flush=True)
    print(usage(base_url), file=sys.stderr, flush=True)
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        return
    finally:
        listener.close()


def usage(base_url: str) -> str:
    """How to point a program at the simulator, for a shell."""
    return f"export ANTHROPIC_BASE_URL={base_url} ANTHROPIC_API_KEY={KEY}"


class RunningServer:
    """A context manager: the simulator in a daemon thread, on a free port, until the block ends.

    Attributes:
        base_url: Where it listens.
        world: Its world.
        faults: Its faults; add and clear them at any time.
    """

    def __init__(
        self,
        scenario: str = "demo",
        *,
        seed: int = 1,
        speed: float = 1.0,
        clock: Clock | None = None,
        counts: Counting = "api",
        faults: Iterable[str] = (),
        port: int = 0,
    ) -> None:
        self.world = World(scenario, seed=seed, clock=clock or RunningClock(speed), counts=counts)
        self.faults = Faults(faults, seed=seed)
        self._listener = _listen(port)
        self.base_url = _base_url(self._listener)
        self._calls: deque[Call] = deque(maxlen=CALLS_KEPT)
        self._server = _server(self.world, self.faults, self._calls)
        self._thread = Thread(target=self._run, name="simulator", daemon=True)

    @property
    def calls(self) -> "list[Call]":
        """The requests that arrived so far, oldest first; the latest `CALLS_KEPT`."""
        return list(self._calls)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop at once, cutting connections that are still open."""
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(timeout=5)
        self._listener.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._listener])


def _listen(port: int) -> socket.socket:
    # Naming TCP lets asyncio switch off Nagle's algorithm, which costs 40 ms an answer here.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise BatchtuiError(
            f"The simulator cannot listen on port {port}: {error.strerror}",
            todo="Choose another port, or 0 for a free one",
        ) from None
    # Connections queue up from here on: nobody has to wait until the server has started.
    listener.listen(128)
    return listener


def _base_url(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}"


def _server(world: World, faults: Faults, calls: "deque[Call] | None" = None) -> "uvicorn.Server":
    import uvicorn

    from batchtui.simulator.app import make_app

    config = uvicorn.Config(
        make_app(world, faults, calls=calls),
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_keep_alive=60,
    )
    return uvicorn.Server(config)
