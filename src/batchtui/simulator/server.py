"""The simulator on a loopback port: in a thread, for as long as a block or a process lasts."""

import asyncio
import shlex
import socket
import sys
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
from threading import Event, Thread
from typing import TYPE_CHECKING, Self

from batchtui.domain.errors import BatchtuiError, UsageError
from batchtui.simulator.clock import Clock, RunningClock
from batchtui.simulator.faults import Faults, lacking
from batchtui.simulator.keys import Keys
from batchtui.simulator.lifecycle import Counting
from batchtui.simulator.world import World

if TYPE_CHECKING:
    from batchtui.simulator.edge import Call

HOST = "127.0.0.1"
KEY = "sk-ant-simulated"
"""A key to use; the simulator accepts any but one."""
CALLS_KEPT = 10_000
SEEDS_APART = 1_000_003


def serve(
    *,
    port: int = 0,
    seed: int = 1,
    speed: float = 1.0,
    scenario: str = "demo",
    counts: Counting = "api",
    queue_limit: int | None = None,
    faults: Iterable[str] = (),
    lacks: Iterable[str] = (),
    keys: Mapping[str, str] | None = None,
) -> None:
    """Serve until interrupted.

    The first line on stdout is the base URL, alone; how to use it goes to stderr.

    Args:
        port: 0 for a free one.
        seed: Sets apart worlds of the same scenario.
        speed: How many times faster than real time the world lives.
        scenario: One of `scenarios.SCENARIOS`, with a size of its own if it has one: `big:20000`.
        counts: Whether counts move before a batch ends.
        queue_limit: How many requests may wait to be processed at a time; None for any number.
        faults: Specifications in the grammar of `faults`.
        lacks: Operations that are not offered, see `faults.lacking`.
        keys: By key the scenario of a world of its own; every other key opens the first world.

    Raises:
        UsageError: No such scenario, or a bad fault.
        BatchtuiError: The port is taken.
    """
    with (
        RunningServer(
            scenario,
            port=port,
            seed=seed,
            speed=speed,
            counts=counts,
            queue_limit=queue_limit,
            faults=faults,
            lacks=lacks,
            keys=keys,
        ) as server,
        suppress(KeyboardInterrupt),
    ):
        with suppress(OSError):  # it serves though nobody can read where
            print(server.base_url, flush=True)
        with suppress(OSError):
            for key in (KEY, *(keys or {})):
                print(usage(server.base_url, key), file=sys.stderr, flush=True)
        Event().wait()


def usage(base_url: str, key: str = KEY) -> str:
    """How to point a program at the simulator, for a shell."""
    return f"export ANTHROPIC_BASE_URL={base_url} ANTHROPIC_API_KEY={shlex.quote(key)}"


def worlds(specs: Iterable[str]) -> dict[str, str]:
    """Scenarios by key, of specifications like `sk-ant-other=crowd:30`.

    Raises:
        UsageError: One is not like that.
    """
    found = {}
    for spec in specs:
        key, _, scenario = spec.partition("=")
        if not key or not scenario:
            raise UsageError("A key with a world of its own is given as KEY=SCENARIO")
        found[key] = scenario
    return found


class RunningServer:
    """A context manager: the simulator in a daemon thread until the block ends.

    Attributes:
        base_url: Where it listens; connections are taken from the start of the block.
        world: Its world.
        worlds: The worlds of keys that have one of their own, by key.
        faults: Its faults; add and clear them at any time.
        keys: Which keys it accepts; `keys.revoke(KEY)` ends that at any time.

    Args:
        clock: Replaces the running clock, and with it `speed`.

    The other arguments, and the errors raised, are those of `serve`.
    """

    def __init__(
        self,
        scenario: str = "demo",
        *,
        port: int = 0,
        seed: int = 1,
        speed: float = 1.0,
        clock: Clock | None = None,
        counts: Counting = "api",
        queue_limit: int | None = None,
        faults: Iterable[str] = (),
        lacks: Iterable[str] = (),
        keys: Mapping[str, str] | None = None,
    ) -> None:
        make = partial(
            World, clock=clock or RunningClock(speed), counts=counts, queue_limit=queue_limit
        )
        self.world = make(scenario, seed=seed)
        # Another seed, so that no two worlds have a batch of the same id.
        self.worlds = {
            key: make(name, seed=seed + SEEDS_APART * number)
            for number, (key, name) in enumerate((keys or {}).items(), 1)
        }
        self.keys = Keys(self.world, self.worlds)
        self.faults = Faults((*faults, *lacking(lacks)), seed=seed)
        self._calls: deque[Call] = deque(maxlen=CALLS_KEPT)
        self._listener = _listen(port)
        self.base_url = f"http://{HOST}:{self._listener.getsockname()[1]}"
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._thread = Thread(target=self._run, name="simulator", daemon=True)

    @property
    def calls(self) -> "list[Call]":
        """The requests that arrived so far, oldest first; the latest `CALLS_KEPT`."""
        return list(self._calls)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop at once, cutting connections that are still open; a second call does nothing."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        from uvicorn import Config
        from uvicorn.protocols.http.h11_impl import H11Protocol
        from uvicorn.server import ServerState

        from batchtui.simulator.app import make_app
        from batchtui.simulator.mishaps import HANG_UP

        config = Config(
            make_app(self.world, self.faults, calls=self._calls, keys=self.keys),
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            timeout_keep_alive=60,
        )
        config.load()
        state = ServerState()

        def accepted() -> H11Protocol:
            known: dict[str, object] = {}
            protocol = H11Protocol(config, state, known)
            known[HANG_UP] = lambda: protocol.transport.abort()
            return protocol

        server = await self._loop.create_server(accepted, sock=self._listener)
        await self._stopping.wait()
        server.close()
        for connection in list(state.connections):
            connection.transport.abort()
        # Closed connections take their leave in the next round of the loop.
        await asyncio.sleep(0)


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
    # Connections queue up from here on: nobody has to wait until the loop runs.
    listener.listen(128)
    return listener
