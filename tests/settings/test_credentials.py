"""Which account it is, told without the SDK and without giving anything away."""

import json
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.errors import UsageError
from batchtui.settings.credentials import DEFAULT_ENDPOINT, Identity, custom_headers, identify

KEY = "sk-ant-canary"
FEDERATION = {
    "ANTHROPIC_FEDERATION_RULE_ID": "rule",
    "ANTHROPIC_ORGANIZATION_ID": "org",
    "ANTHROPIC_IDENTITY_TOKEN_FILE": "/run/token",
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A credentials directory with the profiles dev and default."""
    configs = tmp_path / "anthropic" / "configs"
    configs.mkdir(parents=True)
    dev = {"base_url": "https://dev.example/", "workspace_id": "wrkspc_dev"}
    (configs / "dev.json").write_text(json.dumps(dev))
    (configs / "default.json").write_text("{}")
    return configs.parent


def test_nothing_at_all() -> None:
    assert identify({}) == Identity(endpoint=DEFAULT_ENDPOINT)


def test_the_order_of_sources(home: Path) -> None:
    environ = FEDERATION | {
        "ANTHROPIC_CONFIG_DIR": str(home),
        "ANTHROPIC_CUSTOM_HEADERS": "Authorization: Bearer x",
        "ANTHROPIC_API_KEY": KEY,
        "ANTHROPIC_AUTH_TOKEN": "token",
        "ANTHROPIC_PROFILE": "dev",
    }
    expected = [
        "ANTHROPIC_CUSTOM_HEADERS",
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_AUTH_TOKEN",
        "profile dev",
        "workload identity",
        "profile default",
    ]
    seen = []
    for name in [*list(environ)[4:], "ANTHROPIC_FEDERATION_RULE_ID"]:
        seen.append(identify(environ).source)
        environ[name] = ""
    assert [*seen, identify(environ).source] == expected


def test_a_profile_given_wins_over_a_key_in_the_environment(home: Path) -> None:
    environ = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_CONFIG_DIR": str(home)}
    assert identify(environ, profile="dev").fingerprint == "profile:dev"
    assert identify(environ, profile="dev", api_key="k").source == "the key given"


def test_a_profile_fills_the_gaps_and_no_more(home: Path) -> None:
    environ = {"ANTHROPIC_CONFIG_DIR": str(home), "ANTHROPIC_PROFILE": "dev"}
    assert identify(environ) == Identity(
        endpoint="https://dev.example",
        workspace="wrkspc_dev",
        fingerprint="profile:dev",
        source="profile dev",
        profile="dev",
        present=True,
    )
    environ |= {"ANTHROPIC_BASE_URL": "https://env.example", "ANTHROPIC_WORKSPACE_ID": "wrkspc_env"}
    assert identify(environ).endpoint == "https://env.example"
    assert identify(environ).workspace == "wrkspc_dev"
    given = identify(environ, base_url="https://option.example", workspace="wrkspc_option")
    assert (given.endpoint, given.workspace) == ("https://option.example", "wrkspc_option")


def test_the_active_profile(home: Path) -> None:
    (home / "active_config").write_text(" dev\n")
    assert identify({"ANTHROPIC_CONFIG_DIR": str(home)}).profile == "dev"


@pytest.mark.parametrize("name", ["gone", "../dev", ".dev", " dev", "a/b", "a\x00b", "\ud800"])
def test_a_profile_that_is_not_there(home: Path, name: str) -> None:
    assert not identify({"ANTHROPIC_CONFIG_DIR": str(home)}, profile=name).present


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"\xff", b'{"base_url": 5}', b"[" * 99_999])
def test_a_profile_that_makes_no_sense(home: Path, text: bytes) -> None:
    (home / "configs" / "dev.json").write_bytes(text)
    identity = identify({"ANTHROPIC_CONFIG_DIR": str(home)}, profile="dev")
    assert identity.endpoint == DEFAULT_ENDPOINT


def test_the_default_place_of_profiles(tmp_path: Path) -> None:
    configs = tmp_path / "home" / ".config" / "anthropic" / "configs"
    configs.mkdir(parents=True)
    (configs / "default.json").write_text("{}")
    assert identify({}).source == "profile default"


@given(st.text(min_size=1), st.text(min_size=1))
def test_fingerprints_tell_keys_apart_and_give_none_away(one: str, other: str) -> None:
    first, second = (identify({"ANTHROPIC_API_KEY": f"{KEY}{key}"}) for key in (one, other))
    assert (first.fingerprint == second.fingerprint) == (one == other)
    assert len(first.fingerprint) == 12
    assert "canary" not in msgspec.json.encode(first).decode()


def test_a_fingerprint_never_changes() -> None:
    """The history is keyed by it: another one would be another account."""
    assert identify({"ANTHROPIC_API_KEY": "key"}).fingerprint == "a465721f63ee"
    assert identify(FEDERATION).fingerprint == "federation:90d70abd19cc"


def test_the_workspace_of_a_key() -> None:
    environ = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_WORKSPACE_ID": "w"}
    assert identify(environ).workspace == "w"
    environ["ANTHROPIC_CUSTOM_HEADERS"] = "x-other: 1\nAnthropic-Workspace-Id: custom"
    assert identify(environ).workspace == "custom"
    assert identify(environ, workspace="option").workspace == "option"


def test_custom_headers() -> None:
    text = "A: 1\nno header\n b : x:y \n:\n"
    assert custom_headers({"ANTHROPIC_CUSTOM_HEADERS": text}) == {"a": "1", "b": "x:y", "": ""}


@pytest.mark.parametrize(
    ("given", "spelled"),
    [
        ("HTTPS://API.Example.COM/", "https://api.example.com"),
        ("http://127.0.0.1:8080/Gateway/v2//", "http://127.0.0.1:8080/Gateway/v2"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_an_endpoint_has_one_spelling(given: str, spelled: str) -> None:
    assert identify({}, base_url=given).endpoint == spelled


@pytest.mark.parametrize(
    "bad",
    [
        "api.anthropic.com",
        "ftp://x",
        "https://",
        "https://x:port",
        "http://[::1",
        "https://x?key=canary",
        "https://user:canary@x",
        "https://canary@x",
        "\x1b]0;owned\x07",
        " ",
    ],
)
def test_what_is_no_base_url(bad: str) -> None:
    with pytest.raises(UsageError) as caught:
        identify({}, base_url=bad)
    assert not {"\x1b", "\x07"} & set(str(caught.value))
    assert "canary" not in str(caught.value)


@given(st.text())
def test_any_address_is_an_endpoint_or_refused(address: str) -> None:
    with suppress(UsageError):
        identity = identify({"ANTHROPIC_BASE_URL": address})
        assert identity.endpoint.startswith(("http://", "https://"))
