"""Runs the program that prints an account's API key: at no terminal, without a shell, not for ever.

What it prints goes nowhere but into the returned text; what it complains of is shown without
anything that could be the key.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

from batchtui.domain.errors import CredentialsError
from batchtui.domain.text import crop_middle, safe_line
from batchtui.settings import secrets

KEY_SECONDS = 60.0
"""It has this long: some ask a person to unlock something first."""

_LINGERING = 0.2
"""Seconds in which the last of what an ended program printed arrives, should others hold its
streams open."""

_MOST = 65536
"""Bytes that are kept of each stream, and more than any key has."""

_FLOOD = 1 << 26
"""Bytes of a stream after which its end is no longer waited for."""

_STDOUT, _STDERR = 1, 2
_COMPLAINT = 160

# What a shell would take apart or fill in, in the name of a program.
_FOR_SHELL = re.compile(r"^~|[\s$|]")
_WITHOUT_SHELL = (
    "; no shell reads it, so ~ and $ stay as they are, and each argument is a text of its own"
)

# Words of stderr that may be a key, or a part of one, in whatever form.
_OPAQUE = re.compile(r"[\w+/=.~-]{20,}")


def awaited_words(argv: Sequence[str], *, of: str) -> str:
    """That it has not printed a key yet, as a sentence; see `printed_key`."""
    limit = f"it has {KEY_SECONDS:g} seconds"
    return f"Waiting for the key_command{of} ({_shown(argv)}) to print a key; {limit}."


def _shown(argv: Sequence[str]) -> str:
    return crop_middle(safe_line(argv[0]), 60) if argv else ""


async def printed_key(argv: Sequence[str], *, of: str, mend: str) -> str:
    """Run the program and return the first line that it prints, stripped.

    Args:
        argv: the program and its arguments.
        of: whose key it is, to go on a sentence with, or "".
        mend: what to do when it fails, as a sentence without its full stop.

    Raises:
        CredentialsError: if it cannot be started, fails, takes too long, or prints no key.
    """

    def failed(how: str) -> CredentialsError:
        return CredentialsError(f"The key_command{of} ({_shown(argv)}) {how}", todo=mend)

    if not argv:
        raise CredentialsError(f"The key_command{of} is empty", todo=mend)
    try:
        async with asyncio.timeout(KEY_SECONDS):
            code, output, complaint = await _run(argv)
    except TimeoutError:
        raise failed(f"has not printed a key within {KEY_SECONDS:g} seconds") from None
    except (OSError, ValueError) as error:  # the latter of NUL in an argument
        why = os.strerror(error.errno).lower() if isinstance(error, OSError) and error.errno else ""
        shell = _WITHOUT_SHELL if _FOR_SHELL.search(argv[0]) else ""
        raise failed(f"cannot be started{f': {why}' if why else ''}{shell}") from None
    if code is None:
        raise failed("printed without end where a key was expected, and was stopped")
    if code != 0:
        how = f"failed with exit code {code}" if code > 0 else f"was ended by signal {-code}"
        said = _without_keys(complaint, output)
        raise failed(f"{how}{f': {said}' if said else ''}")
    key = output.partition(b"\n")[0].decode("utf-8", "replace").strip()
    if not key:
        raise failed("printed nothing where a key was expected")
    secrets.learn(key)
    if not key.isascii() or not key.isprintable() or " " in key:
        raise failed("printed something that is no key")
    return key


def _without_keys(complaint: bytes, output: bytes) -> str:
    """The last line of what a program complains of, fit to be shown."""
    lines = complaint.decode("utf-8", "replace").strip().splitlines()
    printed = output.decode("utf-8", "replace").split()
    line = secrets.scrub(lines[-1], printed) if lines else ""
    return safe_line(_OPAQUE.sub("[...]", line), _COMPLAINT).rstrip(".")


async def _run(argv: Sequence[str]) -> tuple[int | None, bytes, bytes]:
    """Run a program to its end; returns its exit code and the beginnings of what it printed.

    The code is None if it was stopped because it printed too much.
    """
    loop = asyncio.get_running_loop()
    transport, process = await loop.subprocess_exec(
        _Process,
        *argv,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        # With no session of ours it has no terminal of ours to ask or to write to.
        start_new_session=True,
    )
    try:
        await process.over.wait()
        with suppress(TimeoutError):
            async with asyncio.timeout(_LINGERING):
                await process.silent.wait()
        code = None if process.flooded else transport.get_returncode()
        return code, bytes(process.printed[_STDOUT]), bytes(process.printed[_STDERR])
    finally:
        if transport.get_returncode() is None:
            _kill(transport)
            # The news of its end must not find the loop closed: asyncio would print that.
            with suppress(TimeoutError):
                async with asyncio.timeout(_LINGERING):
                    await process.ended.wait()
        transport.close()


def _kill(transport: asyncio.SubprocessTransport) -> None:
    """End a program and what it started."""
    with suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            transport.kill()
        else:
            os.killpg(transport.get_pid(), signal.SIGKILL)


class _Process(asyncio.SubprocessProtocol):
    """Takes in what a program prints.

    Unlike asyncio's own one it does not wait for the end of the streams, which an agent that the
    program leaves behind may hold open.
    """

    def __init__(self) -> None:
        self.printed = {_STDOUT: bytearray(), _STDERR: bytearray()}
        self.over = asyncio.Event()
        self.ended = asyncio.Event()
        self.silent = asyncio.Event()
        self.flooded = False
        self._open = len(self.printed)
        self._read = dict.fromkeys(self.printed, 0)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Keep what there is room for; the rest is read and dropped, so that nobody is blocked."""
        kept = self.printed[fd]
        kept += data[: _MOST - len(kept)]
        self._read[fd] += len(data)
        endless = fd == _STDOUT and len(kept) == _MOST and b"\n" not in kept
        if (endless or self._read[fd] > _FLOOD) and not self.ended.is_set():
            self.flooded = True
            self.over.set()

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        """Nothing more comes of one of the streams."""
        self._open -= 1
        if not self._open:
            self.silent.set()

    def process_exited(self) -> None:
        """It has ended, though its last words may still be on their way."""
        self.ended.set()
        self.over.set()
