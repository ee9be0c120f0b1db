from __future__ import annotations

import os
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, Process, Remember, batch_body

HOUR = timedelta(hours=1)


def completed(process: Process, *words: str) -> list[str]:
    """What bash is offered for the last word."""
    environ = os.environ | {
        "_BATCHTUI_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(("batchtui", *words)),
        "COMP_CWORD": str(len(words)),
    }
    done = process(env=environ)
    assert (done.returncode, done.stderr) == (0, b"")
    return [line.partition(",")[2] for line in done.stdout.decode().split()]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_each_shell(cli: Cli, shell: str) -> None:
    result = cli("completion", shell)
    assert result.exit_code == 0
    assert f"_BATCHTUI_COMPLETE={shell}_complete" in result.stdout
    if program := shutil.which(shell):
        subprocess.run([program, "-n"], input=result.stdout.encode(), check=True)


def test_an_unknown_shell_is_wrong_usage(cli: Cli) -> None:
    assert cli("completion", "tcsh").exit_code == 2


def test_verbs_and_options(process: Process) -> None:
    assert completed(process, "ca") == ["cancel", "cache"]
    assert completed(process, "list", "--sta") == ["--status"]
    assert completed(process, "list", "--outcome", "par") == ["partial"]


def test_ids_come_from_the_history(process: Process, remember: Remember, config: Path) -> None:
    remember(
        batch_body("msgbatch_new", age=HOUR),
        batch_body("msgbatch_old", age=2 * HOUR),
        batch_body("other", age=3 * HOUR),
        batch_body("msgbatch_$(touch x) *", age=HOUR),
    )
    assert completed(process, "show", "msg") == ["msgbatch_new", "msgbatch_old"]
    assert completed(process, "cancel", "msgbatch_new", "oth") == ["other"]


def test_labels_come_from_the_history_if_they_mean_one_batch(
    process: Process, remember: Remember
) -> None:
    names = {"a": "eval-1.5", "b": "eval-twice", "c": "eval-twice", "d": "eval; rm", "e": "-x"}
    history = remember(*(batch_body(f"msgbatch_{each}", age=HOUR) for each in names))
    for each, label in names.items():
        history.annotate(f"msgbatch_{each}", label=label)
    assert completed(process, "show", "eval") == ["eval-1.5"]


def test_nothing_is_offered_or_made_where_nothing_is(
    process: Process, config: Path, tmp_path: Path
) -> None:
    assert completed(process, "show", "msg") == []
    assert not config.exists()
    config.mkdir()
    (config / "config.toml").write_text("not toml at all")
    assert completed(process, "show", "msg") == []


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["config", "get", "notify."], ["notify.bell", "notify.desktop", "notify.title"]),
        (["config", "show", "notif"], ["notify", "notify.bell", "notify.desktop", "notify.title"]),
        (["config", "unset", "accounts.work"], ["accounts.work", "accounts.work.base_url"]),
        (["config", "get", "tabs"], ["tabs.Nights"]),
        (["config", "set", "keys.can"], ["keys.cancel"]),
        (["config", "set", "mouse", ""], ["true", "false"]),
        (["config", "set", "animation", ""], ["auto", "none"]),
        (["config", "set", "columns", "state", "na"], ["name"]),
        (["config", "set", "theme", "batchtui-l"], ["batchtui-light"]),
        (["config", "set", "account", "w"], ["work"]),
        (["config", "set", "hooks.timeout", ""], []),
        (["--theme", "batchtui-l"], ["batchtui-light"]),
        (["list", "--account", "w"], ["work"]),
    ],
    ids=" ".join,
)
def test_settings_and_their_values(
    process: Process, config: Path, words: list[str], offered: list[str]
) -> None:
    config.mkdir()
    (config / "config.toml").write_text(
        '[accounts.work]\nkey_env = "W"\n[tabs]\nNights = "night"\n"To do" = "x"\n'
    )
    found = completed(process, *words)
    assert found[: len(offered)] == offered
    assert all(each.startswith(words[-1]) for each in found)


def test_profiles_are_offered(
    process: Process, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_CONFIG_DIR", str(tmp_path))
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "lab.json").write_text("{}")
    assert completed(process, "list", "--profile", "l") == ["lab"]


def test_ids_are_offered_though_a_theme_is_misspelt(
    process: Process, remember: Remember, config: Path
) -> None:
    remember(batch_body("msgbatch_new", age=HOUR))
    (config / "config.toml").write_text("them = 'x'\n")
    assert completed(process, "show", "msg") == ["msgbatch_new"]


def test_the_config_directory_of_the_line_counts(
    process: Process, remember: Remember, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(batch_body("msgbatch_new", age=HOUR))
    monkeypatch.delenv("BATCHTUI_CONFIG_DIR")
    assert completed(process, "show", "msg") == []
    assert completed(process, "show", "--config-dir", str(config), "msg") == ["msgbatch_new"]
