"""The anthropic SDK, imported late, kept quiet, and set up to send what it is told and no more."""

from __future__ import annotations

import gc
import logging
import sys
import threading
from typing import TYPE_CHECKING

from batchtui.settings.credentials import WORKSPACE_HEADER, Identity

if TYPE_CHECKING:
    import anthropic

CONNECT_SECONDS = 8.0
READ_SECONDS = 30.0
RESULTS_READ_SECONDS = 60.0

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

    return anthropic.Timeout(READ_SECONDS, connect=CONNECT_SECONDS, read=read)


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
        collecting = gc.isenabled()
        gc.disable()
        try:
            import anthropic  # noqa: F401
        finally:
            gc.freeze()
            if collecting:
                gc.enable()


def _silence() -> None:
    """Keep the SDK's log lines (shadowed credentials, `ANTHROPIC_LOG`) off the terminal."""
    for name in ("anthropic", "httpx2", "httpcore2"):
        logger = logging.getLogger(name)
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
