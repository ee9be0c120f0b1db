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


def test_the_app_gets_its_options(cli: Cli, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config.mkdir()
    (config / "config.toml").write_text("interval = 30\nauto_fetch = true\n")
    seen: list[Opened] = []

    def run_app(opened: Opened) -> int:
        seen.append(opened)
        asyncio.run(opened.account.close())
        return 7

    monkeypatch.setattr("batchtui.cli.app.run_app", run_app)
    monkeypatch.setattr("batchtui.cli.app.require_terminal", lambda: None)
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
