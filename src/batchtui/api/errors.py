"""From what the SDK and its transport raise to errors a person can read, without their secrets.

Nothing of the original exception is kept: it holds the request and with it the key.
"""

from __future__ import annotations

import os
import re
import socket
import ssl
from collections.abc import Iterator
from time import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from batchtui.api.owner import NOBODY, Owner
from batchtui.api.redaction import secrets_of
from batchtui.api.waits import retry_after
from batchtui.domain.errors import (
    ApiError,
    BadReplyError,
    BatchtuiError,
    CredentialsError,
    NotFoundError,
    RateLimitedError,
    RefusedError,
    ServerFaultError,
    SpendLimitError,
    UnauthorizedError,
    UnreachableError,
    UnsupportedError,
)
from batchtui.domain.text import safe_line
from batchtui.settings.credentials import WORKSPACE_HEADER
from batchtui.settings.secrets import scrub

if TYPE_CHECKING:
    import anthropic

MESSAGE_LIMIT = 200
"""Characters kept of what a server says."""

_SPEND_CODES = {
    "enforced_spend_limit_reached",
    "contract_spend_limit_reached",
    "linked_organization_spend_limit_reached",
}
# A spend limit one set oneself comes as a plain 400; only its wording tells.
_SPEND_WORDING = re.compile(r"\b(usage|spend|spending) limits?\b", re.IGNORECASE)
# A workspace that is gone answers for all that was in it, with the status of a batch that is gone.
_WORKSPACE_WORDING = re.compile(rf"{WORKSPACE_HEADER}|^workspace\b.*\bnot found", re.IGNORECASE)
_QUEUE_WORDING = re.compile(r"\bqueue\b", re.IGNORECASE)

_UNHEARD_OF = (405, 501)
_ELSE = "Check that the base URL is that of a Message Batches API"
_RAISE_LIMIT = "Raise the limit in the Console, or wait until it is renewed"
_CHECK_RIGHTS = "Check what the key may do and which workspace it belongs to"
_KNOWN: dict[int, tuple[type[ApiError], str]] = {
    408: (ServerFaultError, "The API gave up waiting for the request"),
    429: (RateLimitedError, "The API is rate limiting these calls"),
    529: (ServerFaultError, "The API is overloaded"),
}


def no_key(owner: Owner, variable: str) -> CredentialsError:
    """The sentence for an account whose variable is not set."""
    return CredentialsError(
        f"The key{owner.of} should be in {safe_line(variable, 60)}, which is not set",
        todo="Set it, or change key_env in config.toml",
    )


def no_credentials(owner: Owner = NOBODY) -> CredentialsError:
    """The sentence for somebody who has given no credentials in any way."""
    if owner.name:
        return CredentialsError(f"No credentials{owner.of} were found", todo=owner.mend)
    return CredentialsError(
        "No credentials were found",
        todo="Set ANTHROPIC_API_KEY, or name a profile with --profile or ANTHROPIC_PROFILE; "
        "`batchtui demo` needs none",
    )


def no_api(status: int) -> BadReplyError:
    """The sentence for an answer that hardly comes of a Message Batches API."""
    what = f"The server answered {status} as the API would not"
    return BadReplyError(what, todo=_ELSE, status=status, foreign=True)


def no_list() -> BadReplyError:
    """The sentence for a server of which no batch is known, and that has not heard of the list."""
    return BadReplyError(
        "The server answered 404 to the list of batches",
        todo="Either the base URL is wrong, or this server cannot list batches; then sending them"
        " still works, and `batchtui import` takes in those whose ids you have",
        status=404,
        foreign=True,
    )


def translate(error: Exception, owner: Owner = NOBODY) -> BatchtuiError:
    """The error of ours that says what `error` means.

    Args:
        error: anything raised while making a client, calling, or reading an answer.
        owner: whose credentials it was done with.
    """
    import anthropic
    import httpx2

    if isinstance(error, BatchtuiError):
        return error
    if isinstance(error, anthropic.APIStatusError):
        return _from_status(error, owner)
    if isinstance(error, TypeError) and "authentication method" in str(error):
        return no_credentials(owner)
    if isinstance(error, UnicodeError | httpx2.LocalProtocolError):
        return _unsendable(owner)
    if isinstance(error, anthropic.APITimeoutError | httpx2.TimeoutException | TimeoutError):
        return UnreachableError("The server did not answer in time")
    if isinstance(error, anthropic.APIConnectionError | httpx2.TransportError | ConnectionError):
        return _from_transport(error, owner)
    if isinstance(error, httpx2.DecodingError):
        return BadReplyError("The server's answer is compressed in a way that cannot be undone")
    if isinstance(error, anthropic.AnthropicError):
        return _from_credentials(error, owner)
    if isinstance(error, httpx2.InvalidURL | ValueError | ImportError | OSError):
        return ApiError(
            f"The connection cannot be set up: {_reason(error)}",
            todo="Check the base URL, the proxy variables and the certificate variables",
        )
    return ApiError(f"The call failed inside the API client ({type(error).__name__})")


class _Answer(msgspec.Struct, frozen=True):
    """What is worth knowing of an answer that is no success; all text is clean."""

    status: int
    message: str
    code: str
    request_id: str | None
    retry_after: float | None
    json: bool
    """Whether the body is a JSON object, as the API itself always answers."""
    foreign: bool
    """Whether the body has not the shape of the API's errors."""

    @property
    def over_budget(self) -> bool:
        """Whether a spend limit is the reason, and not a rate that a little patience helps."""
        if self.code in _SPEND_CODES:
            return True
        without_end = self.status == 429 and self.retry_after is None
        told = _SPEND_WORDING.search(self.message) is not None
        return told and (without_end or self.status in {400, 402})

    def build(self, kind: type[ApiError], what: str, todo: str = "") -> ApiError:
        """An error that says `what` and then what the server says, if that is more."""
        said = "" if self.message.lower() in what.lower() else f": {self.message}"
        known = f" ({self.request_id})" if self.request_id else ""
        return kind(
            f"{what}{said}".rstrip(".") + known,
            todo=todo,
            status=self.status,
            request_id=self.request_id,
            retry_after=self.retry_after,
            foreign=self.foreign,
        )


def _from_status(error: anthropic.APIStatusError, owner: Owner) -> ApiError:
    secrets = frozenset(secrets_of(error.request.headers))
    headers = error.response.headers
    if error.response.is_redirect:
        return _redirected(error.status_code, headers.get("location", ""))
    request_id = _clean(error.request_id or "", secrets)
    answer = _Answer(
        status=error.status_code,
        message=_clean(error.api_message if isinstance(error.api_message, str) else "", secrets),
        code=error.error_code or "",
        request_id=request_id or None,
        retry_after=retry_after(headers, now=time()),
        json=isinstance(error.body, dict),
        foreign=not _is_ours(error.body),
    )
    return _by_status(answer, owner)


def _is_ours(body: object) -> bool:
    """Whether this is an error as the API makes them."""
    return (
        isinstance(body, dict)
        and body.get("type") == "error"
        and isinstance(body.get("error"), dict)
    )


def _by_status(answer: _Answer, owner: Owner) -> ApiError:
    status = answer.status
    if answer.over_budget:
        return answer.build(SpendLimitError, "A spend limit is reached", _RAISE_LIMIT)
    if status == 429 and _QUEUE_WORDING.search(answer.message):
        what = "The queue of this organization is full"
        return msgspec.structs.replace(answer, message="").build(RateLimitedError, what)
    if status == 401:
        what = f"The API does not accept the {owner.whose}"
        return answer.build(UnauthorizedError, what, owner.mend)
    if status == 403:
        what = f"The API does not permit this with the {owner.whose}"
        return answer.build(UnauthorizedError, what, _CHECK_RIGHTS)
    if status in {400, 404} and _WORKSPACE_WORDING.search(answer.message):
        what = f"The API knows no workspace in which to act with the {owner.whose}"
        return answer.build(RefusedError, what, owner.give_workspace)
    if status in _KNOWN:
        return answer.build(*_KNOWN[status])
    if status in _UNHEARD_OF and answer.foreign:
        return answer.build(UnsupportedError, f"The server answered {status}: it lacks this")
    if status == 404 and answer.json:
        return answer.build(NotFoundError, answer.message or "The API does not know it")
    if status == 404:
        return no_api(404)
    if status >= 500:
        return answer.build(ServerFaultError, f"The API failed with status {status}")
    return answer.build(RefusedError, f"The API refused with status {status}")


def _redirected(status: int, location: str) -> ApiError:
    try:
        host = urlsplit(location).hostname
    except ValueError:
        host = None
    target = f" to {safe_line(host, 100)}" if host else ""
    return RefusedError(
        f"The server redirects{target}, which is not followed because the key would go along",
        todo="If you trust that address, give it as the base URL",
        status=status,
        foreign=True,
    )


def _from_transport(error: Exception, owner: Owner) -> BatchtuiError:
    import httpx2

    for cause in _chain(error):
        if isinstance(cause, httpx2.LocalProtocolError):
            return _unsendable(owner)
        if isinstance(cause, ssl.SSLCertVerificationError):
            return UnreachableError(
                f"The server's certificate is not trusted: {_clean(cause.verify_message or '')}",
                todo="Check the clock, the base URL, and SSL_CERT_FILE if a proxy opens TLS",
            )
        if isinstance(cause, ssl.SSLError):
            return UnreachableError(
                "A secure connection (TLS) could not be made",
                todo="Check whether the base URL should begin with http or https",
            )
    for cause in _chain(error):
        if isinstance(cause, httpx2.ProxyError):
            return UnreachableError(
                "The proxy refused the connection", todo="Check HTTP_PROXY and HTTPS_PROXY"
            )
        if isinstance(cause, httpx2.ConnectError):
            return UnreachableError(f"The server cannot be reached: {_reason(cause)}")
        if isinstance(cause, httpx2.NetworkError | httpx2.RemoteProtocolError):
            return UnreachableError("The connection was cut before the answer was complete")
    return UnreachableError("The connection failed")


def _reason(error: Exception) -> str:
    """Why a connection could not be made, in the system's words."""
    for cause in _chain(error):
        if isinstance(cause, socket.gaierror):
            return "its name cannot be resolved"
        if isinstance(cause, OSError) and cause.errno:
            return os.strerror(cause.errno).lower()
    return _clean(str(error))


def _from_credentials(error: Exception, owner: Owner) -> BatchtuiError:
    """The SDK could not read a profile, or not turn it into an access token."""
    import httpx2

    status = getattr(error, "status_code", None)
    # A token endpoint may quote what was sent to it, which is known from the environment.
    said = _clean(str(error), limit=2 * MESSAGE_LIMIT)
    if any(isinstance(cause, httpx2.TransportError) for cause in _chain(error)):
        return UnreachableError(f"No access token could be fetched: {said}")
    if isinstance(status, int) and status >= 500:
        return ServerFaultError(f"No access token could be fetched: {said}", status=status)
    # Of files that others may read or write it says itself what is to be done.
    told = owner == NOBODY or "before retrying" in said
    return CredentialsError(
        f"The {owner.whose} cannot be used: {said}", todo="" if told else owner.mend
    )


def _unsendable(owner: Owner) -> CredentialsError:
    # The transport's own words would quote the header, and with it the key.
    return CredentialsError(
        f"The {owner.whose} or custom headers hold characters that cannot be sent",
        todo=f"Look for line breaks, spaces and quotes. {owner.mend}",
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _clean(text: str, secrets: frozenset[str] = frozenset(), limit: int = MESSAGE_LIMIT) -> str:
    """Foreign words fit to be shown: no secrets, no controls, one line, not long."""
    return safe_line(scrub(text, secrets).strip(), limit)
