"""Programs of the person's, run without a shell when something happened.

Its output is dropped, but for the end of what it writes to standard error, of which the last line
is shown should it fail. It has no terminal. After the timeout, and when batchtui ends, it is
stopped with all processes it has started.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec

from batchtui.domain.text import counted, crop, safe_line
from batchtui.settings.secrets import scrub

AT_ONCE = 3
"""So many programs run at the same time."""

LONGEST_QUEUE = 100
"""So many more wait for their turn; what comes then is dropped, and that is said."""

MOST_OUTPUT = 1 << 20
"""Bytes on standard error after which a program is stopped."""

GRACE = 0.5
"""Seconds a program has to end by itself when it is asked to (SIGTERM)."""

SAID_AGAIN_AFTER = 60.0
"""Seconds for which the same trouble is not said once more."""

_TAIL = 2000
_LAST_LINE = 120


class Run(msgspec.Struct, frozen=True):
    """One run of a hook.

    Attributes:
        hook: its name in the settings, "on_end".
        command: program and arguments; at least one.
        environ: the whole environment it gets.
        body: what it reads on its standard input.
        timeout: seconds from its start after which it is stopped.
        on_begun: called when it has been started, or is given up.
    """

    hook: str
    command: tuple[str, ...]
    environ: Mapping[str, str]
    body: bytes
    timeout: float
    on_begun: Callable[[], None]

    @property
    def title(self) -> str:
        """What it is called in sentences."""
        return f"The command of {self.hook} ({crop(safe_line(self.command[0]), 40)})"


class HookRunner:
    """Runs hooks on the loop it is used on, a few at a time; never makes anybody wait.

    Args:
        on_trouble: told, as one sentence, of what went wrong.
    """

    def __init__(self, on_trouble: Callable[[str], None]) -> None:
        self._on_trouble = on_trouble
        self._waiting: deque[Run] = deque()
        self._running: set[asyncio.Task[None]] = set()
        self._said: dict[str, float] = {}
        self._dropped = 0

    @property
    def busy(self) -> bool:
        """Whether any runs or waits."""
        return bool(self._running)

    def add(self, run: Run) -> None:
        """Have one run as soon as there is room."""
        if len(self._waiting) >= LONGEST_QUEUE:
            self._dropped += 1
            run.on_begun()
            return
        self._waiting.append(run)
        self._go_on()

    async def finish(self) -> None:
        """Wait until all have ended or were stopped by their timeout."""
        while self._running:
            await asyncio.wait(self._running)

    async def close(self) -> None:
        """Stop all that run; those that wait are not begun."""
        self._waiting.clear()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _go_on(self) -> None:
        while self._waiting and len(self._running) < AT_ONCE:
            task = asyncio.create_task(self._carry_out(self._waiting.popleft()))
            self._running.add(task)
            task.add_done_callback(self._done)
        if self._dropped and not self._waiting:
            number, self._dropped = self._dropped, 0
            were = "was" if number == 1 else "were"
            self._say(
                f"{counted(number, 'command')} {were} not run:"
                f" more than {LONGEST_QUEUE} were waiting for their turn."
            )

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.result()  # a fault in batchtui itself is to be heard of
            self._go_on()

    async def _carry_out(self, run: Run) -> None:
        if trouble := await _carry_out(run):
            self._say(f"{run.title} {trouble}.")

    def _say(self, words: str) -> None:
        now = asyncio.get_running_loop().time()
        self._said = {each: at for each, at in self._said.items() if now - at < SAID_AGAIN_AFTER}
        if words not in self._said:
            self._said[words] = now
            self._on_trouble(words)


async def _carry_out(run: Run) -> str:
    """Run it to its end; returns what went wrong as the rest of a sentence, "" if nothing did."""
    try:
        process = await _start(run)
    except FileNotFoundError:
        return "could not be run: there is no such program"
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "its arguments make no sense"
        return f"could not be run: {why}"
    finally:
        run.on_begun()
    try:
        async with asyncio.timeout(run.timeout):
            await process.over.wait()
    except TimeoutError:
        return f"did not end within {run.timeout:g} seconds and was stopped"
    finally:
        await process.stop()
    if process.flooded:
        return f"wrote more than {MOST_OUTPUT >> 20} MB to standard error and was stopped"
    return process.verdict


async def _start(run: Run) -> _Process:
    # A session of its own has no terminal, and is a group that can be stopped as a whole.
    own: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":  # pragma: no cover
        own = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    _, process = await asyncio.get_running_loop().subprocess_exec(
        partial(_Process, run.body),
        *run.command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=run.environ,
        **own,
    )
    return process


class _Process(asyncio.SubprocessProtocol):
    """A program that was started.

    Args:
        body: what it may read on its standard input, and need not.

    Attributes:
        over: set when it has ended, or has written more than is read.
    """

    def __init__(self, body: bytes) -> None:
        self.over = asyncio.Event()
        self._body = body
        self._ended = asyncio.Event()
        self._silent = asyncio.Event()
        self._end = b""
        self._volume = 0

    # What the loop tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It runs."""
        assert isinstance(transport, asyncio.SubprocessTransport)
        self._transport = transport
        stdin = transport.get_pipe_transport(0)
        assert isinstance(stdin, asyncio.WriteTransport)
        stdin.write(self._body)
        stdin.close()

    def pipe_data_received(self, fd: int, data: bytes | str) -> None:
        """It has written to standard error."""
        assert isinstance(data, bytes)
        self._volume += len(data)
        self._end = (self._end + data)[-_TAIL:]
        if self.flooded:
            self.over.set()

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        """It will write, or read, no more."""
        if fd == 2:
            self._silent.set()

    def process_exited(self) -> None:
        """It has ended; what it has left running may still hold its pipes."""
        self._ended.set()
        self.over.set()

    # What came of it

    @property
    def flooded(self) -> bool:
        """Whether it wrote more than is read."""
        return self._volume > MOST_OUTPUT

    @property
    def verdict(self) -> str:
        """How it failed, as the rest of a sentence; "" if it did not."""
        code = self._transport.get_returncode()
        if code == 0:
            return ""
        said = f": {self._last_line}" if self._last_line else ""
        if code is not None and code < 0:
            with contextlib.suppress(ValueError):
                return f"was ended by {signal.Signals(-code).name}{said}"
        return f"failed with exit code {code}{said}"

    @property
    def _last_line(self) -> str:
        lines = self._end.decode(errors="replace").split("\n")
        last = next((each.strip() for each in reversed(lines) if each.strip()), "")
        return crop(safe_line(scrub(last)), _LAST_LINE).rstrip(".")

    async def stop(self) -> None:
        """End it with all that it has started; if it has ended, hear the last of it."""
        if self._ended.is_set():
            await _wait(self._silent)
        else:
            self._signal("SIGTERM")
            await _wait(self._ended)
            self._signal("SIGKILL")  # what it has started need not have ended with it
            await _wait(self._ended)
        self._transport.close()

    def _signal(self, number: str) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":  # pragma: no cover
                self._transport.kill()
            else:
                os.killpg(self._transport.get_pid(), getattr(signal, number))


async def _wait(event: asyncio.Event) -> None:
    """Wait, but no longer than is decent."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), GRACE)
