"""Who we say we are is who the SDK turns out to be, whatever the environment holds."""

import itertools
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from batchtui.api.client import Api
from batchtui.api.sdk import open_client
from batchtui.domain.errors import (
    ApiError,
    BatchtuiError,
    CredentialsError,
    UnauthorizedError,
    UnreachableError,
)
from batchtui.settings.credentials import identify

Connect = Callable[..., Api]
Profile = Callable[..., Path]
EMPTY_LIST = b'{"data":[],"has_more":false}'


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    """Writes a profile with a token in the default place."""

    def write(name: str, **fields: str) -> Path:
        home = tmp_path / "home" / ".config" / "anthropic"
        for folder in ("configs", "credentials"):
            (home / folder).mkdir(parents=True, exist_ok=True)
        config: dict[str, object] = {"version": "1.0", "authentication": {"type": "user_oauth"}}
        (home / "configs" / f"{name}.json").write_text(json.dumps(config | fields))
        secret = home / "credentials" / f"{name}.json"
        token = {"type": "oauth_token", "access_token": f"token-of-{name}"}
        secret.write_text(json.dumps(token))
        secret.chmod(0o600)
        return home

    return write


SOURCES = {
    "ANTHROPIC_API_KEY": "sk-key",
    "ANTHROPIC_AUTH_TOKEN": "bearer-token",
    "ANTHROPIC_PROFILE": "dev",
    "ANTHROPIC_WORKSPACE_ID": "wrkspc_env",
    "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
    "ANTHROPIC_CUSTOM_HEADERS": "anthropic-workspace-id: wrkspc_custom",
}


@pytest.mark.parametrize(("option", "empty"), [(None, False), (None, True), ("work", False)])
def test_every_mixture_of_sources(
    profile: Profile, monkeypatch: pytest.MonkeyPatch, option: str | None, empty: bool
) -> None:
    profile("dev", workspace_id="wrkspc_dev", base_url="http://127.0.0.1:10")
    profile("work", workspace_id="wrkspc_work")
    profile("default")
    for chosen in itertools.product([False, True], repeat=len(SOURCES)):
        for (name, value), on in zip(SOURCES.items(), chosen, strict=True):
            if on or empty:
                monkeypatch.setenv(name, value if on else "")
            else:
                monkeypatch.delenv(name, raising=False)
        identity = identify(os.environ, profile=option)
        client = open_client(identity, api_key=None, profile=option)
        assert str(client.base_url).rstrip("/") == identity.endpoint
        header = client.default_headers.get("anthropic-workspace-id", "")
        assert header == identity.workspace
        if client.api_key:
            assert identity.source == "ANTHROPIC_API_KEY"
        elif client.auth_token:
            assert identity.source == "ANTHROPIC_AUTH_TOKEN"
        else:
            assert identity.profile == getattr(client.credentials, "profile", None)


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"ANTHROPIC_BASE_URL": "http://127.0.0.1:9"},
        {"ANTHROPIC_WORKSPACE_ID": "w"},
    ],
)
def test_the_sdk_alone_would_call_the_same_address(
    profile: Profile, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    import anthropic

    profile("default", base_url="http://127.0.0.1:10")
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    alone = anthropic.AsyncAnthropic()
    identity = identify(os.environ)
    assert str(alone.base_url).rstrip("/") == identity.endpoint
    assert identity.profile == "default"


async def test_what_goes_over_the_wire(
    scripted: Any, profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile("dev", workspace_id="wrkspc_dev")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-env")
    monkeypatch.setenv("ANTHROPIC_WORKSPACE_ID", "wrkspc_env")
    server = scripted().answers(200, EMPTY_LIST)
    choices: list[dict[str, Any]] = [{}, {"workspace": "wrkspc_option"}, {"profile": "dev"}]
    for options in choices:
        api = Api(base_url=server.base_url, **options)
        await api.list(limit=1)
        await api.aclose()
    assert [
        (seen.headers["authorization"], seen.headers["anthropic-workspace-id"])
        for seen in server.seen
    ] == [
        ("Bearer sk-env", "wrkspc_env"),
        ("Bearer sk-env", "wrkspc_option"),
        ("Bearer token-of-dev", "wrkspc_dev"),
    ]


async def test_a_refused_token_is_read_anew_once(
    scripted: Any, connect: Connect, profile: Profile
) -> None:
    profile("dev")
    server = scripted().answers(401, b"{}").answers(200, EMPTY_LIST)
    await connect(server.base_url, profile="dev").list(limit=1)
    assert len(server.seen) == 2
    for_good = scripted().answers(401, b"{}")
    with pytest.raises(UnauthorizedError):
        await connect(for_good.base_url, profile="dev").list(limit=1)
    assert len(for_good.seen) == 2


async def test_a_refused_key_is_not_tried_again(scripted: Any, connect: Connect) -> None:
    server = scripted().answers(401, b"{}")
    with pytest.raises(UnauthorizedError):
        await connect(server.base_url).list(limit=1)
    assert len(server.seen) == 1


@pytest.mark.parametrize("name", ["missing", "../escape", ".hidden", "a/b"])
async def test_a_profile_that_cannot_be_used(
    connect: Connect, assert_safe: Callable[..., None], name: str
) -> None:
    api = connect("http://127.0.0.1:9", profile=name)
    assert not api.identity.present
    with pytest.raises(CredentialsError) as caught:
        await api.connect()
    assert_safe(caught.value)


async def test_a_profile_whose_secret_others_can_read(
    scripted: Any, connect: Connect, profile: Profile
) -> None:
    (profile("dev") / "credentials" / "dev.json").chmod(0o644)
    with pytest.raises(CredentialsError, match="chmod 600"):
        await connect(scripted().answers(200, b"{}").base_url, profile="dev").list(limit=1)


@pytest.fixture
def federation(monkeypatch: pytest.MonkeyPatch) -> None:
    """A workload identity in the environment."""
    monkeypatch.setenv("ANTHROPIC_FEDERATION_RULE_ID", "fdrl_1")
    monkeypatch.setenv("ANTHROPIC_ORGANIZATION_ID", "00000000-0000-0000-0000-000000000000")
    monkeypatch.setenv("ANTHROPIC_IDENTITY_TOKEN", "jwt-canary")


def token(name: str) -> bytes:
    return json.dumps({"access_token": name, "expires_in": 3600, "token_type": "Bearer"}).encode()


@pytest.mark.usefixtures("federation")
async def test_a_workload_identity_is_exchanged_and_renewed(scripted: Any) -> None:
    server = scripted().answers(200, token("first")).answers(200, EMPTY_LIST)
    server.answers(401, b"{}").answers(200, token("second")).answers(200, EMPTY_LIST)
    api = Api(base_url=server.base_url)
    assert api.identity.source == "workload identity"
    await api.list(limit=1)
    await api.list(limit=1)
    await api.aclose()
    assert [(seen.path, seen.headers.get("authorization")) for seen in server.seen] == [
        ("/v1/oauth/token", None),
        ("/v1/messages/batches?limit=1", "Bearer first"),
        ("/v1/messages/batches?limit=1", "Bearer first"),
        ("/v1/oauth/token", None),
        ("/v1/messages/batches?limit=1", "Bearer second"),
    ]


@pytest.mark.usefixtures("federation")
@pytest.mark.parametrize(
    ("status", "expected"), [(400, CredentialsError), (401, CredentialsError), (503, ApiError)]
)
async def test_an_exchange_that_fails(
    scripted: Any, assert_safe: Callable[..., None], status: int, expected: type[BatchtuiError]
) -> None:
    said = b'{"error":"invalid_grant","error_description":"jwt-canary \\u001b]0;x"}'
    api = Api(base_url=scripted().answers(status, said).base_url)
    with pytest.raises(expected) as caught:
        await api.list(limit=1)
    await api.aclose()
    assert caught.value.transient == (status == 503)
    assert_safe(caught.value)


@pytest.mark.usefixtures("federation")
async def test_an_exchange_with_nobody(assert_safe: Callable[..., None]) -> None:
    api = Api(base_url="http://127.0.0.1:9")
    with pytest.raises(UnreachableError) as caught:
        await api.list(limit=1)
    await api.aclose()
    assert_safe(caught.value)
