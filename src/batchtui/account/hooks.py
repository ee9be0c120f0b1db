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
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from batchtui.domain.text import counted, crop, safe_line

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
    output = _Tail(process)
    feeding = asyncio.create_task(_feed(process, run.body))
    try:
        async with asyncio.timeout(run.timeout):
            await output.until_end()
    except TimeoutError:
        return f"did not end within {run.timeout:g} seconds and was stopped"
    finally:
        feeding.cancel()
        await _stop(process)
    if output.flooded:
        return f"wrote more than {MOST_OUTPUT >> 20} MB to standard error and was stopped"
    return _verdict(process.returncode, output.last_line)


async def _start(run: Run) -> Process:
    # A session of its own has no terminal, and is a group that can be stopped as a whole.
    own: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":  # pragma: no cover
        import subprocess

        own = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return await asyncio.create_subprocess_exec(
        *run.command, stdin=PIPE, stdout=DEVNULL, stderr=PIPE, env=run.environ, **own
    )


async def _feed(process: Process, body: bytes) -> None:
    """Give it what it may read; it need not."""
    assert process.stdin
    with contextlib.suppress(OSError):
        process.stdin.write(body)
        await process.stdin.drain()
    process.stdin.close()


class _Tail:
    """The end of what a process writes to standard error."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._end = b""
        self._volume = 0

    @property
    def flooded(self) -> bool:
        """Whether it wrote more than is read."""
        return self._volume > MOST_OUTPUT

    @property
    def last_line(self) -> str:
        """Its last line that is not empty, safe to show and short."""
        lines = self._end.decode(errors="replace").split("\n")
        last = next((each.strip() for each in reversed(lines) if each.strip()), "")
        return crop(safe_line(last), _LAST_LINE)

    async def until_end(self) -> None:
        """Read until the process ends or has written too much.

        What it left running may hold the pipe open: its own end counts.
        """
        reading = asyncio.create_task(self._read())
        ending = asyncio.create_task(self._process.wait())
        try:
            await asyncio.wait({reading, ending}, return_when=asyncio.FIRST_COMPLETED)
            if self.flooded:
                return
            await ending
            await asyncio.wait({reading}, timeout=GRACE)
        finally:
            reading.cancel()
            ending.cancel()

    async def _read(self) -> None:
        assert self._process.stderr
        while not self.flooded and (block := await self._process.stderr.read(1 << 16)):
            self._volume += len(block)
            self._end = (self._end + block)[-_TAIL:]


async def _stop(process: Process) -> None:
    """Stop a process that has not ended, with all it has started."""
    for number in ("SIGTERM", "SIGKILL"):
        if process.returncode is not None:
            return
        _signal_group(process, number)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), GRACE)


def _signal_group(process: Process, number: str) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":  # pragma: no cover
            process.kill()
        else:
            os.killpg(process.pid, getattr(signal, number))


def _verdict(code: int | None, last_line: str) -> str:
    if code == 0:
        return ""
    said = f": {last_line.rstrip('.')}" if last_line else ""
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return f"was ended by {signal.Signals(-code).name}{said}"
    return f"failed with exit code {code}{said}"
