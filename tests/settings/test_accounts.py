"""Which accounts there are, which of them is meant, and who they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from batchtui.domain.errors import UsageError
from batchtui.settings.accounts import (
    Choice,
    CommandKey,
    EnvKey,
    FoundIn,
    choices,
    chosen,
    environment,
    find,
    identity_of,
    read_only_error,
)
from batchtui.settings.schema import AccountTable, Settings

KEY = "sk-ant-canary-0123456789"
SETTINGS = Settings(
    base_url="https://unnamed.example",
    accounts={
        "work": AccountTable(
            base_url="https://gateway.example",
            workspace="wrkspc_1",
            key_env="WORK_KEY",
            color="red",
            read_only=True,
        ),
        "vault": AccountTable(key_command=("false",)),
        "login": AccountTable(profile="gone"),
    },
)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment with the profiles dev and work, and no credential besides."""
    configs = tmp_path / "anthropic" / "configs"
    configs.mkdir(parents=True)
    for name in ("dev", "work"):
        (configs / f"{name}.json").write_text(json.dumps({"workspace_id": f"wrkspc_{name}"}))
    return {"ANTHROPIC_CONFIG_DIR": str(configs.parent)}


def test_named_ones_come_first_then_the_environment_then_profiles(
    environ: dict[str, str],
) -> None:
    found = choices(SETTINGS, environ)
    assert [each.name for each in found] == ["work", "vault", "login", "dev"]
    found = choices(SETTINGS, environ | {"ANTHROPIC_API_KEY": KEY})
    assert [(each.name, each.found_in) for each in found] == [
        ("work", FoundIn.CONFIG),
        ("vault", FoundIn.CONFIG),
        ("login", FoundIn.CONFIG),
        ("environment", FoundIn.ENVIRONMENT),
        ("dev", FoundIn.PROFILE),
    ]


def test_no_two_have_the_same_name(environ: dict[str, str]) -> None:
    own = Settings(accounts={"environment": AccountTable(key_env="X"), "dev": AccountTable()})
    found = choices(own, environ | {"ANTHROPIC_API_KEY": KEY})
    assert [each.name for each in found] == ["environment", "dev", "work"]
    assert {each.found_in for each in found[:2]} == {FoundIn.CONFIG}


@pytest.mark.parametrize(
    ("name", "found_in"),
    [("work", FoundIn.CONFIG), ("dev", FoundIn.PROFILE), ("environment", FoundIn.ENVIRONMENT)],
)
def test_a_name_is_looked_up_in_that_order(
    environ: dict[str, str], name: str, found_in: FoundIn
) -> None:
    assert find(name, SETTINGS, environ).found_in is found_in


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("wrok", 'Did you mean "work"?'),
        ("deb", 'Did you mean "dev"?'),
        ("environ", 'Did you mean "environment"?'),
        ("zzz", "batchtui accounts"),
    ],
)
def test_an_unknown_name_brings_known_ones_to_mind(
    environ: dict[str, str], name: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        find(name, SETTINGS, environ)
    assert f'There is no account "{name}"' in str(caught.value)
    assert hint in str(caught.value)


def test_the_name_of_no_account_can_do_nothing_to_a_terminal() -> None:
    with pytest.raises(UsageError) as caught:
        find("\x1b]0;x\x07", Settings(), {})
    assert "\x1b" not in str(caught.value)


def test_without_a_name_it_is_what_the_settings_and_the_environment_make() -> None:
    choice = chosen(SETTINGS, {})
    assert choice == environment(SETTINGS)
    assert choice.base_url == "https://unnamed.example"


def test_a_named_one_has_nothing_of_the_unnamed(environ: dict[str, str]) -> None:
    for name in ("vault", "dev"):
        choice = find(name, SETTINGS, environ)
        assert choice.base_url is None
        assert identity_of(choice, environ).endpoint == "https://api.anthropic.com"


def test_options_win_over_what_the_account_says(environ: dict[str, str]) -> None:
    named = Settings(account="work", accounts=SETTINGS.accounts)
    assert chosen(named, environ).key == EnvKey("WORK_KEY")
    choice = chosen(named, environ, base_url="http://a", workspace="wrkspc_2")
    assert (choice.base_url, choice.workspace) == ("http://a", "wrkspc_2")
    assert choice.key == EnvKey("WORK_KEY")
    assert (choice.name, choice.color, choice.read_only) == ("work", "red", True)


def test_with_a_profile_the_account_s_own_key_is_not_used(environ: dict[str, str]) -> None:
    named = Settings(account="work", accounts=SETTINGS.accounts)
    choice = chosen(named, environ, profile="dev")
    who = identity_of(choice, environ | {"WORK_KEY": KEY})
    assert (who.source, who.fingerprint) == ("profile dev", "profile:dev")
    assert (who.endpoint, who.workspace) == ("https://gateway.example", "wrkspc_1")


def test_a_key_in_a_variable_is_the_same_account_under_any_name() -> None:
    one = Choice(name="a", found_in=FoundIn.CONFIG, key=EnvKey("ONE"))
    unnamed = environment(Settings())
    environ = {"ONE": KEY, "ANTHROPIC_API_KEY": KEY}
    assert identity_of(one, environ).fingerprint == identity_of(unnamed, environ).fingerprint
    assert KEY not in repr(identity_of(one, environ))


def test_without_its_variable_an_account_does_not_take_another_key() -> None:
    one = Choice(name="a", found_in=FoundIn.CONFIG, key=EnvKey("ONE"))
    for environ in ({"ANTHROPIC_API_KEY": KEY}, {"ANTHROPIC_API_KEY": KEY, "ONE": ""}):
        who = identity_of(one, environ)
        assert not who.present
        assert who.fingerprint == "account:a"


def test_a_program_is_known_by_the_name_of_its_account_and_not_run() -> None:
    choice = Choice(name="vault", found_in=FoundIn.CONFIG, key=CommandKey(("no such program",)))
    who = identity_of(choice, {"ANTHROPIC_API_KEY": KEY})
    assert (who.fingerprint, who.source, who.present) == ("account:vault", "key_command", True)


def test_a_credential_in_the_headers_goes_over_the_wire_in_place_of_any_other() -> None:
    choice = Choice(name="vault", found_in=FoundIn.CONFIG, key=CommandKey(("x",)))
    headers = {"ANTHROPIC_CUSTOM_HEADERS": f"Authorization: Bearer {KEY}"}
    who = identity_of(choice, headers)
    assert who.source == "ANTHROPIC_CUSTOM_HEADERS"
    assert who.fingerprint == identity_of(environment(Settings()), headers).fingerprint


def test_a_named_account_without_credentials_has_a_history_of_its_own() -> None:
    choice = find("login", SETTINGS, {})
    who = identity_of(choice, {})
    assert (who.present, who.fingerprint) == (False, "account:login")
    assert identity_of(environment(Settings()), {}).fingerprint == ""


def test_a_base_url_that_is_none_is_refused_where_it_is_used() -> None:
    bad = Settings(base_url="nonsense", accounts={"bad": AccountTable(base_url="ftp://x")})
    names = [each.name for each in choices(bad, {})]
    assert names == ["bad", "environment"]
    for name in names:
        with pytest.raises(UsageError):
            identity_of(find(name, bad, {}), {})


def test_read_only_names_the_account() -> None:
    assert 'in the account "work"' in str(read_only_error("work"))
    assert "account" not in str(read_only_error(""))
