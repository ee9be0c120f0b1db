"""What goes wrong with credentials names the account, and the way to mend it by their kind."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from batchtui.api.client import Api
from batchtui.api.owner import owner_of
from batchtui.domain.errors import CredentialsError, RefusedError, UnauthorizedError
from batchtui.settings.accounts import Choice, CommandKey, EnvKey, FoundIn, identity_of
from batchtui.settings.credentials import HEADERS_VARIABLE, Identity

CANARY = "sk-ant-canary-0123456789"
PRINTS = CommandKey(("echo", CANARY))


def client(base_url: str, **fields: Any) -> Api:
    choice = Choice(**{"name": "work", "found_in": FoundIn.CONFIG, "base_url": base_url} | fields)
    return Api(
        identity=identity_of(choice, os.environ),
        profile=choice.profile,
        key=choice.key,
        name=choice.name,
    )


FEDERATION = {
    "ANTHROPIC_FEDERATION_RULE_ID": "fdrl_1",
    "ANTHROPIC_ORGANIZATION_ID": "00000000-0000-0000-0000-000000000000",
    "ANTHROPIC_IDENTITY_TOKEN": CANARY,
}


@pytest.mark.parametrize(
    ("environ", "fields", "mend"),
    [
        ({"WORK_KEY": CANARY}, {"key": EnvKey("WORK_KEY")}, "Put a valid key into WORK_KEY"),
        ({}, {"key": PRINTS}, "the key_command of accounts.work prints a valid key"),
        ({"ANTHROPIC_API_KEY": CANARY}, {}, "Put a valid key into ANTHROPIC_API_KEY"),
        ({"ANTHROPIC_AUTH_TOKEN": CANARY}, {}, "Put a valid token into ANTHROPIC_AUTH_TOKEN"),
        (
            {"ANTHROPIC_CUSTOM_HEADERS": f"Authorization: Bearer {CANARY}"},
            {"key": PRINTS},
            "Put a valid credential into ANTHROPIC_CUSTOM_HEADERS",
        ),
    ],
)
async def test_credentials_that_are_not_accepted(
    scripted: Any,
    assert_safe: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    environ: dict[str, str],
    fields: dict[str, Any],
    mend: str,
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    said = f'{{"type":"error","error":{{"message":"{CANARY} is invalid"}}}}'
    api = client(scripted().answers(401, said.encode()).base_url, **fields)
    with pytest.raises(UnauthorizedError) as caught:
        await api.list(limit=1)
    await api.aclose()
    assert 'does not accept the credentials of the account "work"' in str(caught.value)
    assert mend in str(caught.value)
    assert caught.value.exit_code == 4
    assert_safe(caught.value, CANARY)


async def test_credentials_that_may_not(scripted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", CANARY)
    api = client(scripted().answers(403, b"{}").base_url)
    with pytest.raises(UnauthorizedError, match='with the credentials of the account "work"'):
        await api.list(limit=1)
    await api.aclose()


@pytest.mark.parametrize(
    ("status", "kind", "message"),
    [
        (400, "invalid_request_error", "anthropic-workspace-id is required when authenticating"),
        (400, "invalid_request_error", "anthropic-workspace-id header must be a valid workspace"),
        (404, "not_found_error", "Workspace `wrkspc_01` not found."),
    ],
)
async def test_a_workspace_that_is_missing_or_gone(
    scripted: Any, monkeypatch: pytest.MonkeyPatch, status: int, kind: str, message: str
) -> None:
    monkeypatch.setenv("WORK_KEY", CANARY)
    said = f'{{"type":"error","error":{{"type":"{kind}","message":"{message}"}}}}'
    server = scripted().answers(status, said.encode())
    api = client(server.base_url, key=EnvKey("WORK_KEY"))
    # Not of a batch: it would count as deleted.
    with pytest.raises(RefusedError, match='with the credentials of the account "work"') as caught:
        await api.delete("msgbatch_1")
    await api.aclose()
    assert message.rstrip(".") in str(caught.value)
    assert "as workspace of accounts.work in config.toml" in str(caught.value)


@pytest.mark.parametrize("name", ["gone", "it's gone"])
async def test_a_profile_that_is_not_there(assert_safe: Callable[..., None], name: str) -> None:
    api = client("http://127.0.0.1:9", profile=name)
    with pytest.raises(CredentialsError) as caught:
        await api.list(limit=1)
    assert 'of the account "work"' in str(caught.value)
    assert "ant auth login --profile" in str(caught.value)
    assert_safe(caught.value)


async def test_a_profile_whose_token_is_refused(
    scripted: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ANTHROPIC_CONFIG_DIR", str(tmp_path))
    _write_profile(tmp_path)
    api = client(scripted().answers(401, b"{}").base_url, profile="dev", name="dev")
    with pytest.raises(UnauthorizedError) as caught:
        await api.list(limit=1)
    await api.aclose()
    assert str(caught.value) == (
        'The API does not accept the credentials of the account "dev".'
        " Run `ant auth login --profile dev`."
    )


@pytest.mark.parametrize(("folder", "mode"), [("configs", 0o666), ("credentials", 0o644)])
async def test_a_profile_that_others_could_get_at(
    assert_safe: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    folder: str,
    mode: int,
) -> None:
    monkeypatch.setenv("ANTHROPIC_CONFIG_DIR", str(tmp_path))
    _write_profile(tmp_path)
    (tmp_path / folder / "dev.json").chmod(mode)
    with pytest.raises(CredentialsError, match='of the account "dev"') as caught:
        await client("http://127.0.0.1:9", profile="dev", name="dev").list(limit=1)
    assert "run `chmod" in str(caught.value)
    assert "ant auth login" not in str(caught.value)  # which would not mend it
    assert_safe(caught.value)


async def test_an_identity_that_cannot_be_exchanged(
    scripted: Any, assert_safe: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in FEDERATION.items():
        monkeypatch.setenv(name, value)
    api = client(scripted().answers(400, b'{"error":"invalid_grant"}').base_url)
    with pytest.raises(CredentialsError, match="Check the identity token") as caught:
        await api.list(limit=1)
    await api.aclose()
    assert 'of the account "work"' in str(caught.value)
    assert_safe(caught.value, CANARY)


async def test_characters_that_cannot_be_sent(
    scripted: Any, assert_safe: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORK_KEY", f"{CANARY}\nx")
    api = client(scripted().answers(200, b"{}").base_url, key=EnvKey("WORK_KEY"))
    with pytest.raises(CredentialsError, match="WORK_KEY") as caught:
        await api.list(limit=1)
    await api.aclose()
    assert_safe(caught.value, CANARY)


@pytest.mark.parametrize(
    ("source", "profile", "whose"),
    [
        ("ANTHROPIC_API_KEY", "", "key in ANTHROPIC_API_KEY"),
        ("ANTHROPIC_AUTH_TOKEN", "", "token in ANTHROPIC_AUTH_TOKEN"),
        (HEADERS_VARIABLE, "", "credentials in ANTHROPIC_CUSTOM_HEADERS"),
        ("profile dev", "dev", 'credentials of the profile "dev"'),
        ("workload identity", "", "credentials"),
        ("", "", "credentials"),
    ],
)
def test_where_nobody_named_an_account_none_is_spoken_of(
    source: str, profile: str, whose: str
) -> None:
    identity = Identity(endpoint="https://api.test", source=source, profile=profile)
    assert owner_of("environment", identity, profile=None, key=None).whose == whose


async def test_nothing_at_all() -> None:
    with pytest.raises(CredentialsError, match='credentials of the account "work"'):
        await client("http://127.0.0.1:9").list(limit=1)
    unnamed = client("http://127.0.0.1:9", name="environment", found_in=FoundIn.ENVIRONMENT)
    with pytest.raises(CredentialsError, match="batchtui demo"):
        await unnamed.list(limit=1)


def _write_profile(directory: Path) -> None:
    for folder, text in (
        ("configs", '{"version":"1.0","authentication":{"type":"user_oauth"}}'),
        ("credentials", '{"type":"oauth_token","access_token":"token"}'),
    ):
        (directory / folder).mkdir()
        (directory / folder / "dev.json").write_text(text)
        (directory / folder / "dev.json").chmod(0o600)
