"""Judges the credential, the way to the API, and the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from batchtui.cli.checkup.finding import Finding, Verdict, fail, failed_by, ok, warn
from batchtui.domain.errors import (
    BatchtuiError,
    CredentialsError,
    RateLimitedError,
    ServerFaultError,
    UnreachableError,
    UnsupportedError,
)
from batchtui.domain.text import long_duration, safe_line
from batchtui.settings.credentials import Identity

if TYPE_CHECKING:
    from batchtui.api.client import Api

SLOW = 5.0
"""Seconds after which an answer to the shortest of questions is worth a word."""

SKEW = timedelta(seconds=60)
"""By so much the clocks may differ before ages and deadlines mislead."""

_PROXIES = {"https": ("https_proxy", "all_proxy"), "http": ("http_proxy", "all_proxy")}
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")


class Answer(msgspec.Struct, frozen=True):
    """What the API answered.

    Attributes:
        seconds: how long that took.
        ahead: by how much its clock is ahead of ours; None if it did not say what time it is.
    """

    seconds: float
    ahead: timedelta | None = None


async def check_api(
    api: Api,
    account: str,
    environ: Mapping[str, str],
    *,
    clock: Callable[[], datetime],
    monotonic: Callable[[], float],
) -> list[Finding]:
    """Find the credential, and ask the API the shortest of questions, once.

    Args:
        api: the way to it; closed afterwards.
        account: the name of the account.
        environ: the environment.
        clock: the present moment.
        monotonic: seconds.
    """
    identity = api.identity
    way = list(judge_way(identity.endpoint, environ))
    try:
        try:
            await api.connect()  # runs what prints a key; importing the SDK is no part of the way
        except CredentialsError as error:
            return [failed_by("credential", error), *way]
        asked: Answer | BatchtuiError = await _ask(api, clock, monotonic)
    except BatchtuiError as error:
        asked = error
    finally:
        await api.aclose()
    credential = judge_credential(identity, account)
    if credential.verdict is Verdict.FAIL:
        credential = ok("credential", "The SDK found one by itself")
    return [credential, *way, *judge_answer(asked, identity.endpoint, environ)]


async def _ask(api: Api, clock: Callable[[], datetime], monotonic: Callable[[], float]) -> Answer:
    begun = monotonic()
    there = await api.server_time()
    seconds = monotonic() - begun
    # It wrote that down about halfway.
    here = clock() - timedelta(seconds=seconds / 2)
    return Answer(seconds, None if there is None else there - here)


def judge_credential(identity: Identity, account: str) -> Finding:
    """Whether there is one; it is never shown.

    Args:
        identity: what was found.
        account: the name of the account.
    """
    of = f' for the account "{safe_line(account, 60)}"' if account else ""
    if not identity.present:
        todo = "Set ANTHROPIC_API_KEY, or run `ant auth login`, or add an account to config.toml"
        return fail("credential", f"None was found{of}", todo, exit_code=4)
    workspace = f", workspace {safe_line(identity.workspace, 60)}" if identity.workspace else ""
    return ok("credential", f"From {safe_line(identity.source, 100)}{of}{workspace}")


def judge_way(
    endpoint: str, environ: Mapping[str, str], exists: Callable[[Path], bool] = Path.exists
) -> Iterator[Finding]:
    """What of the environment decides the way to the API.

    Args:
        endpoint: its base URL.
        environ: the environment.
        exists: whether there is such a file.
    """
    for name in _CERTIFICATES:
        path = environ.get(name)
        if path and not exists(Path(path)):
            todo = f"Correct {name}, or take it away"
            yield fail(
                "certificates", f"{name} names {safe_line(path, 200)}, which is not there", todo
            )
    if found := _proxy(endpoint, environ):
        name, host = found
        yield ok("proxy", f"Calls go through {safe_line(host, 100)} ({name})")


def judge_answer(
    asked: Answer | BatchtuiError, endpoint: str, environ: Mapping[str, str]
) -> Iterator[Finding]:
    """What the answer of the API tells.

    Args:
        asked: the answer, or what came instead of it.
        endpoint: the base URL that was asked.
        environ: the environment.
    """
    shown = safe_line(endpoint, 200)
    if isinstance(asked, BatchtuiError):
        yield _judge_error(asked, endpoint, environ)
        return
    took = f"{shown} answered in {_spent(asked.seconds)}"
    if asked.seconds > SLOW:
        yield warn("api", f"{took}, which is slow", _hint(endpoint, environ))
    else:
        yield ok("api", took)
    if asked.ahead is not None:
        yield judge_clock(asked.ahead)


def _judge_error(error: BatchtuiError, endpoint: str, environ: Mapping[str, str]) -> Finding:
    shown = safe_line(endpoint, 200)
    match error:
        case RateLimitedError():
            todo = "It passes by itself; other programs use up what this account may ask"
            return warn("api", f"{shown} answers, but is rate limiting", todo)
        case UnsupportedError():
            todo = "Only those known here are watched; `batchtui import` makes others known"
            return warn("api", f"{shown} answers, but cannot list batches", todo)
        case UnreachableError():
            return failed_by("api", error, _hint(endpoint, environ))
        case ServerFaultError():
            todo = (
                f"Try again in some minutes; if it lasts, check that {shown} is the right address"
            )
            return failed_by("api", error, todo)
        case _:
            return failed_by("api", error, f"Check whether {shown} is the right address")


def judge_clock(ahead: timedelta) -> Finding:
    """Whether the clock here goes with that of the API, which is ahead by so much."""
    if abs(ahead) <= SKEW:
        return ok("clock", "It goes with that of the API")
    how = "behind" if ahead > timedelta(0) else "ahead of"
    found = f"It is {long_duration(abs(ahead))} {how} that of the API"
    todo = "Have it set by the network: ages and deadlines are wrong by as much"
    return warn("clock", found, todo)


def _spent(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def _hint(endpoint: str, environ: Mapping[str, str]) -> str:
    shown = safe_line(endpoint, 200)
    if found := _proxy(endpoint, environ):
        return f"Check the network, and whether the proxy of {found[0]} lets through to {shown}"
    return f"Check the network, the base URL {shown}, and whether a proxy is needed (HTTPS_PROXY)"


def _proxy(endpoint: str, environ: Mapping[str, str]) -> tuple[str, str] | None:
    """The variable that names a proxy for an address, and its host, without any password."""
    try:
        parts = urlsplit(endpoint)
        host = parts.hostname or ""
    except ValueError:
        return None
    spared = (environ.get("no_proxy") or environ.get("NO_PROXY") or "").replace(" ", "").split(",")
    if "*" in spared or any(each and host.endswith(each.lstrip(".")) for each in spared):
        return None
    for name in _PROXIES.get(parts.scheme, ()):
        for variable in (name, name.upper()):
            if address := environ.get(variable):
                return variable, _host(address)
    return None


def _host(address: str) -> str:
    try:
        return urlsplit(address if "//" in address else f"//{address}").hostname or "?"
    except ValueError:
        return "?"
