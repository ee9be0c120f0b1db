"""The schema asked by name, values as they are typed, and the settings as lines to show."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.settings.changing import change
from batchtui.settings.checking import faults_of
from batchtui.settings.config import Origin, load
from batchtui.settings.faults import FILE_NAME, FaultError, dotted
from batchtui.settings.fields import field_at, fields_of, flatten
from batchtui.settings.reference import blank_file, described, entries
from batchtui.settings.schema import AccountTable, Hooks, Notify, Settings
from batchtui.settings.secrets import looks_secret, redacted
from batchtui.settings.shown import shown
from batchtui.settings.typed import read_name, typed

TABLES = (Settings, AccountTable, Notify, Hooks)


@pytest.mark.parametrize("table", TABLES)
def test_the_docstring_says_what_each_setting_does(table: type[msgspec.Struct]) -> None:
    assert list(described(table)) == list(table.__struct_fields__)
    assert all(words.endswith(".") for words in described(table).values())
    assert all(field.expected for field in fields_of(table).values())


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("mouse", ("mouse",)),
        ("notify.bell", ("notify", "bell")),
        ("notify", ("notify",)),
        ("keys.batches.cancel", ("keys", "batches.cancel")),
        ('keys."batches.cancel"', ("keys", "batches.cancel")),
        ("tabs.'to do'", ("tabs", "to do")),
        ("accounts.work.base_url", ("accounts", "work", "base_url")),
        ('accounts."a.b".color', ("accounts", "a.b", "color")),
        ("accounts.work", ("accounts", "work")),
        ("prices.claude-x.input", ("prices", "claude-x", "input")),
    ],
)
def test_names_as_they_are_typed(text: str, path: tuple[str, ...]) -> None:
    assert read_name(text) == path
    assert read_name(dotted(path)) == path


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "mose", "notify.bel", "notify.bell.loud", "accounts.a.key", "a b", "keys."),
        *("mouse=1\nx", "#", "mouse = 1 #", "[mouse]", '"', "mouse.", "{}"),
    ],
)
def test_what_is_no_name_is_said(text: str) -> None:
    with pytest.raises(FaultError):
        read_name(text)


@given(st.text())
def test_any_text_is_a_name_or_none(text: str) -> None:
    try:
        path = read_name(text)
    except FaultError:
        return
    field_at(path)


@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=1))
def test_a_dotted_name_is_what_toml_writes(path: list[str]) -> None:
    name = dotted(path)
    if not set(name) & {chr(code) for code in (*range(32), 127)}:
        node: Any = tomllib.loads(f"{name} = 1")
        for part in path:
            node = node[part]
        assert node == 1


@pytest.mark.parametrize(
    ("name", "words", "value"),
    [
        ("mouse", ["true"], True),
        ("mouse", ["off"], False),
        ("mouse", ["0"], False),
        ("mouse", ["perhaps"], "perhaps"),
        ("interval", ["30"], 30),
        ("interval", ["0.5"], 0.5),
        ("interval", ["nan"], "nan"),
        ("interval", ["soon"], "soon"),
        ("cache_limit", ["5GB"], "5GB"),
        ("cache_limit", ["5000000000"], 5_000_000_000),
        ("theme", ["dark"], "dark"),
        ("theme", ["true"], "true"),
        ("theme", ["3"], "3"),
        ("theme", [""], ""),
        ("columns", ["state", "name"], ["state", "name"]),
        ("columns", ["state name"], ["state", "name"]),
        ("columns", ['["state", "name"]'], ["state", "name"]),
        ("columns", [""], []),
        ("hooks.on_end", ["sh", "-c", "echo 'a b'"], ["sh", "-c", "echo 'a b'"]),
        ("hooks.on_end", ["sh -c 'echo a'"], ["sh", "-c", "echo a"]),
        ("hooks.on_end", ["[", "x", "]"], ["[", "x", "]"]),
        ("hooks.on_end", ["[ x ]"], ["[", "x", "]"]),
        ("keys.batches.cancel", ["x,ctrl+k"], "x,ctrl+k"),
        ("tabs.old", ["evals >7d"], "evals >7d"),
        ("prices.x.input", ["2.5"], 2.5),
        ("prices.x", ["{ input = 1, output = 2 }"], {"input": 1, "output": 2}),
        ("accounts.a", ['{ profile = "p" }'], {"profile": "p"}),
        ("notify", ["loud"], "loud"),
    ],
)
def test_values_as_they_are_typed(name: str, words: list[str], value: object) -> None:
    assert typed(read_name(name), words) == value


@pytest.mark.parametrize(
    ("name", "words"), [("theme", ["a", "b"]), ("mouse", ["a", "b"]), ("columns", ["it's"])]
)
def test_what_cannot_be_meant_is_said(name: str, words: list[str]) -> None:
    with pytest.raises(FaultError):
        typed(read_name(name), words)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("sk-ant-api03-xyz_A", "[key]"),
        ("echo SK-ANT-xyz now", "echo [key] now"),
        ("Authorization: Bearer abcdefgh.ijklmnop", "Authorization: Bearer [key]"),
        ("https://me:pw@host/path", "https://[key]@host/path"),
    ],
)
def test_what_looks_like_a_secret(text: str, safe: str) -> None:
    assert redacted(text) == safe
    assert looks_secret(text)


@pytest.mark.parametrize(
    "text",
    ["skill-ant", "WORK_API_KEY", "the bearer token expired", "https://host/a:b@c", "a:b@c"],
)
def test_what_does_not(text: str) -> None:
    assert redacted(text) == text
    assert not looks_secret(text)


def test_a_user_without_a_password_is_no_secret_but_not_shown() -> None:
    assert not looks_secret("ssh://git@host")
    assert redacted("ssh://git@host") == "ssh://[key]@host"


def test_all_settings_are_shown_with_where_they_come_from(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(
        'cache_limit = "5GB"\nprofile = "p"\n[notify]\nbell = false\n'
        '[accounts."a b"]\nkey_command = ["pass", "my key"]\n[tabs]\n'
    )
    environ = {"ANTHROPIC_API_KEY": "sk-ant-x", "ANTHROPIC_BASE_URL": "http://x"}
    loaded = load(tmp_path, {"mouse": False, "base_url": "http://y"}, environ)
    lines = {each.name: (each.text, each.where) for each in shown(loaded, tmp_path, environ)}
    assert list(lines) == list(loaded.origins)
    assert lines["cache_limit"] == ("5.0 GB", "config.toml, line 1")
    assert lines["profile"] == ("left to the environment", "ANTHROPIC_API_KEY")
    assert lines["base_url"] == ("http://y", "option")
    assert lines["mouse"] == ("false", "option")
    assert lines["notify.bell"] == ("false", "config.toml, line 4")
    assert lines["notify.title"] == ("true", "default")
    assert lines['accounts."a b".key_command'] == ("pass 'my key'", "config.toml, line 6")
    assert lines['accounts."a b".color'] == ("not set", "default")
    assert lines["tabs"] == ("not set", "config.toml, line 7")
    assert lines["keys"] == ("not set", "default")


def test_an_option_with_a_secret_is_not_shown(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"base_url": "https://me:pw@host", "workspace": "sk-ant-xyz"})
    lines = {each.name: each for each in shown(loaded, tmp_path, {})}
    assert lines["base_url"].value == "https://[key]@host"
    assert lines["workspace"].text == "[key]"


def test_caution_is_where_read_only_comes_from(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("base_url = 3")
    loaded = load(tmp_path, lenient=True)
    (line,) = [each for each in shown(loaded, tmp_path, {}) if each.name == "read_only"]
    assert (line.value, line.origin) == (True, Origin.CAUTION)
    assert "caution" in line.where


def test_what_is_shown_can_be_set_as_it_is(tmp_path: Path) -> None:
    for path in flatten(Settings()):
        field = field_at(path)
        if field.default is not None and not field.entry:
            (line,) = [e for e in shown(load(tmp_path), tmp_path, {}) if e.path == path]
            change(tmp_path, {path: typed(path, [line.text if line.value != [] else "[]"])})
    assert load(tmp_path).settings == Settings()


def test_every_line_of_a_blank_file_can_be_taken_up(tmp_path: Path) -> None:
    text = blank_file()
    assert faults_of(text) == ()
    assert tomllib.loads(text) == {}
    values = {each.path: each.default for each in entries()}
    assert len(values) >= 30
    for path, default in values.items():
        assert f"# {dotted(path)} = {default}".rstrip() in text.splitlines()
        if default:
            assert faults_of(f"{dotted(path)} = {default}") == ()
