from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from batchtui.account.opening import Opened
from tests.cli.conftest import Cli


def line(text: str, name: str) -> str:
    (found,) = [each for each in text.splitlines() if each.startswith(f"{name} ")]
    return found.removeprefix(name).strip()


def test_common_options_stand_before_or_after_the_verb(cli: Cli, tmp_path: Path) -> None:
    for words in (
        ("--base-url", "http://a", "--read-only", "info"),
        ("info", "--base-url", "http://a", "--read-only"),
    ):
        text = cli(*words).stdout
        assert line(text, "endpoint") == "http://a (option)"
        assert line(text, "read_only") == "true (option)"


def test_the_one_given_last_wins(cli: Cli, tmp_path: Path) -> None:
    one, two = str(tmp_path / "one"), str(tmp_path / "two")
    text = cli(
        *("--base-url", "http://a", "--config-dir", one, "info"),
        *("--base-url", "http://b", "--config-dir", two),
    ).stdout
    assert line(text, "endpoint") == "http://b (option)"
    assert line(text, "directory") == f"{two} (not there yet)"


def test_options_win_over_the_environment_and_that_over_the_file(
    cli: Cli, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.mkdir()
    (config / "config.toml").write_text('base_url = "http://file"\ntheme = "x"\n')
    assert line(cli("info").stdout, "endpoint") == "http://file (config.toml)"
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://environment")
    assert line(cli("info").stdout, "endpoint") == "http://environment (environment)"
    assert line(cli("info").stdout, "theme") == "x (config.toml, line 2)"
    assert "http://option" in cli("info", "--base-url", "http://option").stdout


def test_info_leaves_nothing_behind(cli: Cli, config: Path) -> None:
    text = cli("info").stdout
    assert line(text, "directory") == f"{config} (not there yet)"
    assert line(text, "credential").startswith("none found")
    assert not config.exists()


def app(monkeypatch: pytest.MonkeyPatch, seen: list[Opened]) -> None:
    """Have an app that only says what it was opened on."""

    def run_app(opened: Opened, **_: object) -> int:
        seen.append(opened)
        asyncio.run(opened.account.close())
        return 7

    monkeypatch.setattr("batchtui.cli.app.run_app", run_app)
    monkeypatch.setattr("batchtui.cli.app.require_terminal", lambda: None)


def test_the_app_starts_on_what_holds_of_a_bad_file(
    cli: Cli, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.mkdir()
    file = config / "config.toml"
    seen: list[Opened] = []
    app(monkeypatch, seen)
    file.write_text("interval = 30\nmouse = 3\ntheme = 3\n[keys]\na = 1\nb = 1\nc = 1\n")
    assert cli().exit_code == 7
    file.write_text("base_url = 3\n")
    assert cli().exit_code == 7
    file.write_text("base_url = \n")
    assert cli().exit_code == 7
    first, second, third = seen
    assert (first.settings.interval, first.settings.mouse) == (30, True)
    assert not first.account.read_only
    assert [notice.split('" ')[0] for notice in first.notices] == [
        'config.toml, line 2: "mouse',
        'config.toml, line 3: "theme',
        'config.toml, line 5: "keys.a',
        "`batchtui config check` names 2 more problems of config.toml.",
    ]
    assert second.account.read_only
    assert third.account.read_only
    assert "nothing is changed on the server" in third.notices[-1]


def test_the_app_gets_its_options(cli: Cli, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config.mkdir()
    (config / "config.toml").write_text("interval = 30\nauto_fetch = true\n")
    seen: list[Opened] = []

    app(monkeypatch, seen)
    words = ("--interval", "0", "--no-mouse", "--theme", "x", "--read-only", "--offline")
    assert cli(*words).exit_code == 7
    assert cli().exit_code == 7
    first, second = seen
    assert (first.settings.interval, first.settings.mouse, first.settings.theme) == (0, False, "x")
    assert first.account.read_only
    assert first.account.offline
    assert (second.settings.interval, second.settings.mouse) == (30, True)
    assert second.settings.auto_fetch
    assert not second.account.offline
    assert second.directory == config
