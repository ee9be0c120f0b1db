"""The anthropic SDK, imported late, kept quiet, and set up to send what it is told and no more."""

from __future__ import annotations

import gc
import logging
import sys
import threading
import time
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType
from typing import TYPE_CHECKING

from batchtui.settings.credentials import WORKSPACE_HEADER, Identity

if TYPE_CHECKING:
    import anthropic

CONNECT_SECONDS = 8.0
READ_SECONDS = 30.0
RESULTS_READ_SECONDS = 60.0
CREATE_READ_SECONDS = 600.0
"""Checking 100,000 requests takes the API its time, and giving up too early leaves doubts."""

WRITE_SECONDS = 60.0
"""Until the next piece of a body is taken, on the slowest of lines."""

_TURN = 0.004
"""Seconds of importing after which other threads get their turn."""

_BREAK = 0.0005
"""Seconds they get at least; enough to wake up in."""

_loading = threading.Lock()


def open_client(
    identity: Identity, *, api_key: str | None, profile: str | None
) -> anthropic.AsyncAnthropic:
    """A client for `identity`. Takes most of a second the first time: call it in a thread.

    It never tries anything twice, never follows a redirect (the key would go along), opens no
    traces and logs nothing. Proxies and certificates are taken from the environment as ever.

    Args:
        identity: says where to call and in which workspace.
        api_key: the key to use; without it and without `profile` the SDK looks for one itself.
        profile: the profile to use.

    Raises:
        Exception: whatever the SDK raises; `batchtui.api.errors.translate` knows them.
    """
    _load()
    import anthropic

    return anthropic.AsyncAnthropic(
        api_key=api_key,
        profile=profile,
        base_url=identity.endpoint,
        timeout=timeout(READ_SECONDS),
        max_retries=0,
        default_headers={WORKSPACE_HEADER: identity.workspace} if identity.workspace else None,
        open_telemetry=False,
        http_client=anthropic.DefaultAsyncHttpxClient(
            follow_redirects=False, timeout=timeout(READ_SECONDS)
        ),
    )


def timeout(read: float) -> anthropic.Timeout:
    """Limits for one call: `read` seconds between two pieces of the answer."""
    import anthropic

    return anthropic.Timeout(READ_SECONDS, connect=CONNECT_SECONDS, read=read, write=WRITE_SECONDS)


def forget_token(client: anthropic.AsyncAnthropic) -> bool:
    """Drop the access token of a profile or federation so that the next call gets a new one.

    The SDK does this only inside its own retries, which are off.

    Returns:
        Whether there was one to drop; a key given as such cannot be renewed.
    """
    cache = getattr(client, "_token_cache", None)
    if cache is None:
        return False
    cache.invalidate()
    return True


def _load() -> None:
    """Import the SDK.

    Its three thousand modules never become garbage, so they are imported with the collector off
    (a third faster) and frozen: else every full collection would walk them, and a key press would
    wait a tenth of a second for it.
    """
    with _loading:
        if "anthropic" in sys.modules:
            return
        _silence()
        breaks = _Breaks()
        sys.meta_path.insert(0, breaks)
        collecting = gc.isenabled()
        gc.disable()
        try:
            import anthropic  # noqa: F401
        finally:
            sys.meta_path.remove(breaks)
            gc.freeze()
            if collecting:
                gc.enable()


class _Breaks(MetaPathFinder):
    """Finds nothing, but makes the thread that imports stop for breath.

    An import asks the disk thousands of times. Each time it lets go of the interpreter lock, which
    wakes a thread that waits for it, and takes the lock again before that one is awake. A thread
    woken too late again and again never insists, and hardly moves until all is imported.
    """

    def __init__(self) -> None:
        self._thread = threading.get_ident()
        self._due = time.monotonic() + _TURN

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> None:
        """Sleep a moment if the last time is long enough ago."""
        if time.monotonic() >= self._due and threading.get_ident() == self._thread:
            time.sleep(_BREAK)
            self._due = time.monotonic() + _TURN


def _silence() -> None:
    """Keep the SDK's log lines (shadowed credentials, `ANTHROPIC_LOG`) off the terminal."""
    for name in ("anthropic", "httpx2", "httpcore2"):
        logger = logging.getLogger(name)
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
