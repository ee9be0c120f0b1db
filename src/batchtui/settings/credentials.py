"""Which account the SDK is going to be, found out without the SDK and without keeping a secret.

Follows the order in which anthropic 2.x resolves credentials (`Anthropic.__init__` and
`lib/credentials/_chain.py`). An empty variable counts as unset.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from batchtui.domain.account import AccountKey
from batchtui.domain.errors import UsageError
from batchtui.domain.text import safe_line

DEFAULT_ENDPOINT = "https://api.anthropic.com"
DEFAULT_PROFILE = "default"
WORKSPACE_HEADER = "anthropic-workspace-id"
HEADERS_VARIABLE = "ANTHROPIC_CUSTOM_HEADERS"
FEDERATION = "workload identity"
"""The source of a credential that an identity token is exchanged for."""

_FINGERPRINT_PREFIX = b"batchtui key fingerprint\x00"
_FEDERATION = ("ANTHROPIC_FEDERATION_RULE_ID", "ANTHROPIC_ORGANIZATION_ID")
_IDENTITY_TOKENS = ("ANTHROPIC_IDENTITY_TOKEN_FILE", "ANTHROPIC_IDENTITY_TOKEN")
_SERVICE_ACCOUNT = "ANTHROPIC_SERVICE_ACCOUNT_ID"


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """An account as far as it can be told before the first call. Holds no secret.

    Attributes:
        endpoint: base URL of the API, without a trailing slash.
        workspace: workspace id the calls act in; empty if the credential decides.
        fingerprint: what tells this credential from another; empty if there is none.
        source: where the credential comes from, for people; empty if there is none.
        profile: name of the profile in use, if it is one.
        present: whether there is a credential to try.
        name: as of `AccountKey`.
    """

    endpoint: str
    workspace: str = ""
    fingerprint: str = ""
    source: str = ""
    profile: str = ""
    present: bool = False
    name: str = ""

    @property
    def key(self) -> AccountKey:
        """Under what its history is kept."""
        return AccountKey(self.endpoint, self.workspace, self.fingerprint, self.name)

    @property
    def owner(self) -> AccountKey:
        """Whose batches they are: the same for all names of one account."""
        return msgspec.structs.replace(self.key, name="" if self.present else self.name)


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """What calls are made with, without the secret; see `Identity` for its fields.

    Attributes:
        base_url, workspace: what a profile says of them; "" if nothing.
    """

    fingerprint: str = ""
    source: str = ""
    profile: str = ""
    present: bool = False
    base_url: str = ""
    workspace: str = ""


def identify(
    environ: Mapping[str, str],
    *,
    base_url: str | None = None,
    profile: str | None = None,
    workspace: str | None = None,
    api_key: str | None = None,
    credential: Credential | None = None,
) -> Identity:
    """Tell which account the SDK is going to be.

    Args:
        environ: the environment the SDK will see.
        base_url: address given by the person; wins over `ANTHROPIC_BASE_URL` and the profile.
        profile: profile given by the person; wins over every credential of the environment.
        workspace: workspace id given by the person; wins over all others.
        api_key: key given by the caller; wins over everything.
        credential: found by the caller by other ways than the SDK's; wins likewise.

    Raises:
        UsageError: if the base URL is not one, or holds a user name or password.
    """
    headers = custom_headers(environ)
    given = secret(api_key, "the key given") if api_key else credential
    found = _credential(environ, headers, profile=profile, given=given)
    return Identity(
        endpoint=_endpoint(
            base_url or environ.get("ANTHROPIC_BASE_URL") or found.base_url or DEFAULT_ENDPOINT
        ),
        workspace=workspace
        or headers.get(WORKSPACE_HEADER)
        or found.workspace
        or environ.get("ANTHROPIC_WORKSPACE_ID")
        or "",
        fingerprint=found.fingerprint,
        source=found.source,
        profile=found.profile,
        present=found.present,
    )


def custom_headers(environ: Mapping[str, str]) -> dict[str, str]:
    """The headers of `ANTHROPIC_CUSTOM_HEADERS` (`name: value` lines), names in lower case."""
    headers = {}
    for line in environ.get(HEADERS_VARIABLE, "").split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    return headers


def _credential(
    environ: Mapping[str, str],
    headers: Mapping[str, str],
    *,
    profile: str | None,
    given: Credential | None,
) -> Credential:
    # A credential among the custom headers goes over the wire in place of any other.
    for name in ("authorization", "x-api-key"):
        if headers.get(name):
            return secret(headers[name].removeprefix("Bearer "), HEADERS_VARIABLE)
    if given is not None:
        return given
    if profile:
        return _profile(environ, profile)
    for variable in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"):
        if environ.get(variable):
            return secret(environ[variable], variable)
    if environ.get("ANTHROPIC_PROFILE"):
        return _profile(environ, environ["ANTHROPIC_PROFILE"])
    if all(environ.get(name) for name in _FEDERATION) and any(
        environ.get(name) for name in _IDENTITY_TOKENS
    ):
        return _federation(environ)
    return _profile(environ, _active_profile(environ))


def secret(key: str, source: str) -> Credential:
    """A key or token as a credential; `source` says where it was found."""
    return Credential(fingerprint=_digest(key), source=source, present=True)


def _federation(environ: Mapping[str, str]) -> Credential:
    rule = "\x00".join(environ.get(name, "") for name in (*_FEDERATION, _SERVICE_ACCOUNT))
    return Credential(fingerprint=f"federation:{_digest(rule)}", source=FEDERATION, present=True)


def _digest(text: str) -> str:
    octets = text.encode("utf-8", "surrogateescape")
    return hashlib.sha256(_FINGERPRINT_PREFIX + octets).hexdigest()[:12]


def _profile(environ: Mapping[str, str], name: str) -> Credential:
    config = _profile_config(environ, name)
    if config is None:
        return Credential()
    return Credential(
        fingerprint=f"profile:{name}",
        source=f"profile {name}",
        profile=name,
        present=True,
        base_url=_text(config.get("base_url")),
        workspace=_text(config.get("workspace_id")),
    )


def _profile_config(environ: Mapping[str, str], name: str) -> Mapping[str, object] | None:
    """The non-secret half of a profile, or None; what is wrong with it is for the SDK to say."""
    if name != name.strip() or name.startswith(".") or any(char in name for char in "/\\\x00"):
        return None
    try:
        body = (_sdk_directory(environ) / "configs" / f"{name}.json").read_bytes()
        config = msgspec.json.decode(body)
    except (OSError, ValueError, msgspec.MsgspecError, RecursionError):
        return None
    return config if isinstance(config, dict) else None


def profile_names(environ: Mapping[str, str]) -> list[str]:
    """The names of all profiles of the SDK, in order."""
    try:
        found = [each.stem for each in (_sdk_directory(environ) / "configs").glob("*.json")]
    except OSError:
        return []
    return sorted(each for each in found if _profile_config(environ, each) is not None)


def _active_profile(environ: Mapping[str, str]) -> str:
    try:
        name = (_sdk_directory(environ) / "active_config").read_text("utf-8").strip()
    except (OSError, ValueError):
        return DEFAULT_PROFILE
    return name or DEFAULT_PROFILE


def _sdk_directory(environ: Mapping[str, str]) -> Path:
    if environ.get("ANTHROPIC_CONFIG_DIR"):
        return Path(environ["ANTHROPIC_CONFIG_DIR"])
    if sys.platform == "win32":
        roaming = environ.get("APPDATA")
        return (Path(roaming) if roaming else Path.home() / "AppData/Roaming") / "Anthropic"
    return Path.home() / ".config" / "anthropic"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _endpoint(address: str) -> str:
    """The base URL in one spelling, so that one server is one account.

    Raises:
        UsageError: see `identify`.
    """
    problem = "expected something like https://api.anthropic.com"
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError:
        raise UsageError(f"The base URL is not an address; {problem}") from None
    if parts.username is not None or parts.password is not None:
        raise UsageError("The base URL holds a user name or password, which has no place in it")
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        shown = safe_line(address.partition("?")[0], 100)
        raise UsageError(f'"{shown}" is not a base URL; {problem}')
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"
