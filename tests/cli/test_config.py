"""`batchtui config`: what is set, by whom, and changes that are checked before they are written."""

from __future__ import annotations

import json
import os
import signal
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from batchtui.settings.faults import FILE_NAME
from tests.cli.conftest import Cli, Process, Terminal

KEY = "sk-ant-api03-abcdefgh"


@pytest.fixture
def file(config: Path) -> Path:
    """The config.toml of the test; it is not there yet, but its directory is."""
    config.mkdir()
    return config / FILE_NAME


def rows(text: str) -> dict[str, list[str]]:
    return {line.split()[0]: line.split()[1:] for line in text.splitlines()}


def test_the_path_is_printed_and_nothing_is_made(cli: Cli, config: Path) -> None:
    assert cli("config", "path").stdout == f"{config / FILE_NAME}\n"
    assert cli("config").exit_code == 0
    assert not config.exists()


def test_every_setting_is_shown_in_columns(
    cli: Cli, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://x")
    file.write_text('theme = "x"\n[accounts.work]\nkey_env = "WORK"\n')
    shown = cli("config", "show", "--read-only")
    assert (shown.exit_code, shown.stderr) == (0, "")
    first, *lines = shown.stdout.splitlines()
    assert first.split() == ["setting", "value", "from"]
    assert {line.index(line.split("  ")[-1].strip()) for line in lines} == {first.index("from")}
    found = rows(shown.stdout)
    assert found["theme"] == ["x", "config.toml,", "line", "1"]
    assert found["accounts.work.key_env"] == ["WORK", "config.toml,", "line", "3"]
    assert found["base_url"] == ["http://x", "ANTHROPIC_BASE_URL"]
    assert found["read_only"] == ["true", "option"]
    assert found["mouse"] == ["true", "default"]
    assert cli("config", "--read-only").stdout == shown.stdout


def test_some_settings_as_json(cli: Cli, file: Path) -> None:
    file.write_text('[notify]\nbell = false\n[hooks]\non_end = ["a", "b c"]\n')
    printed = cli("config", "show", "--json", "notify.bell", "hooks").stdout
    facts = {each["name"]: each for each in map(json.loads, printed.splitlines())}
    assert len(facts) == 6
    assert facts["notify.bell"] == {
        "name": "notify.bell",
        "value": False,
        "origin": "config.toml",
        "line": 2,
        "variable": None,
    }
    assert facts["hooks.on_end"]["value"] == ["a", "b c"]
    assert facts["hooks.on_partial"] == {
        "name": "hooks.on_partial",
        "value": [],
        "origin": "default",
        "line": None,
        "variable": None,
    }


def test_what_holds_of_a_bad_file_is_shown(cli: Cli, file: Path) -> None:
    file.write_text("mouse = false\nbase_url = 3\n")
    shown = cli("config", "show")
    assert shown.exit_code == 0
    assert rows(shown.stdout)["mouse"][0] == "false"
    assert rows(shown.stdout)["read_only"][:2] == ["true", "caution,"]
    assert 'line 2: "base_url"' in shown.stderr
    assert "nothing is changed on the server" in shown.stderr


def test_no_secret_is_printed(cli: Cli, file: Path) -> None:
    text = f'base_url = "{KEY}"\n"{KEY}" = 1\n[hooks]\non_end = ["echo", "{KEY}"]\n'
    file.write_text(text + f'[accounts.a]\nkey_env = "{KEY}"\n[accounts.{KEY}]\n')
    assert cli("config", "check").stdout.count("which has no place in this file") == 5
    for words in (
        ("show",),
        ("show", "--json"),
        ("check",),
        ("check", "--json"),
        ("get", "base_url"),
        ("get", "hooks.on_end", "--json"),
        ("set", "theme", KEY),
        ("set", KEY, "x"),
        ("unset", f"accounts.{KEY}"),
    ):
        done = cli("config", *words)
        assert KEY not in done.output
    assert KEY not in cli("config", "show", "--base-url", f"https://{KEY}@x").output


@pytest.mark.parametrize(
    ("name", "text", "plain", "value"),
    [
        ("mouse", "mouse = false", "false\n", False),
        ("interval", "interval = 2.5", "2.5\n", 2.5),
        ("cache_limit", "cache_limit = '5GB'", "5000000000\n", 5_000_000_000),
        ("theme", "theme = 'it is'", "it is\n", "it is"),
        ("theme", "", "", None),
        ("columns", "columns = ['a', 'b c']", "a 'b c'\n", ["a", "b c"]),
        ("keys.batches.cancel", "[keys]\n'batches.cancel' = 'x'", "x\n", "x"),
        ("keys.batches.delete", "[keys]\n'batches.cancel' = 'x'", "", None),
        ("accounts.a.color", "[accounts.a]\ncolor = 'red'", "red\n", "red"),
        ("accounts.b.color", "[accounts.a]\ncolor = 'red'", "", None),
        ("hooks.timeout", "", "30\n", 30),
        ("interval", "interval = 30", "30\n", 30),
    ],
)
def test_one_value_for_scripts(
    cli: Cli, file: Path, name: str, text: str, plain: str, value: object
) -> None:
    file.write_text(text)
    assert (cli("config", "get", name).stdout, cli("config", "get", name).exit_code) == (plain, 0)
    assert json.loads(cli("config", "get", "--json", name).stdout) == value


def test_what_the_environment_says_is_in_force(
    cli: Cli, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text('base_url = "http://f"\nprofile = "p"\nworkspace = "w"\n')
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://me:secret@x")
    monkeypatch.setenv("ANTHROPIC_WORKSPACE_ID", "wrkspc_1")
    assert cli("config", "get", "base_url").stdout == "http://[key]@x\n"
    assert cli("config", "get", "workspace").stdout == "wrkspc_1\n"
    assert cli("config", "get", "profile").stdout == "p\n"
    monkeypatch.setenv("ANTHROPIC_PROFILE", "lab")
    assert cli("config", "get", "profile").stdout == "lab\n"
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    assert cli("config", "get", "profile").stdout == ""
    assert "left to the environment" in cli("config", "show", "profile").stdout


def test_a_value_that_makes_no_sense_is_no_value(cli: Cli, file: Path) -> None:
    file.write_text("mouse = 3\ninterval = 5\n")
    refused = cli("config", "get", "mouse")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert 'line 1: "mouse"' in refused.stderr
    assert cli("config", "get", "interval").stdout == "5\n"
    file.write_text("mouse = \n")
    assert cli("config", "get", "interval").exit_code == 2


def test_a_table_has_no_value(cli: Cli, file: Path) -> None:
    file.write_text("[keys]\nhelp = 'h'")
    for name in ("notify", "keys"):
        refused = cli("config", "get", name)
        assert refused.exit_code == 2
        assert f"`batchtui config show {name}`" in refused.stderr


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (["mouse", "no"], {"mouse": False}),
        (["interval", "30"], {"interval": 30}),
        (["cache_limit", "5GB"], {"cache_limit": "5GB"}),
        (["theme", "batchtui-light"], {"theme": "batchtui-light"}),
        (["columns", "state", "name"], {"columns": ["state", "name"]}),
        (["notify.desktop", "osc9"], {"notify": {"desktop": "osc9"}}),
        (["keys.cancel", "ctrl+x"], {"keys": {"cancel": "ctrl+x"}}),
        (["accounts.work.color", "red"], {"accounts": {"work": {"color": "red"}}}),
        (["tabs.To do", "attention"], None),
        (["tabs.'To do'", "attention"], {"tabs": {"To do": "attention"}}),
        (
            ["hooks.on_end", "tell", "--json", "--offline", "-x"],
            {"hooks": {"on_end": ["tell", "--json", "--offline", "-x"]}},
        ),
    ],
)
def test_a_setting_is_set(
    cli: Cli, config: Path, words: list[str], values: dict[str, object] | None
) -> None:
    done = cli("config", "set", *words)
    if values is None:
        assert done.exit_code == 2
        return
    assert (done.exit_code, done.output) == (0, "")
    assert tomllib.loads((config / FILE_NAME).read_text()) == values
    assert cli("config", "unset", words[0]).exit_code == 0
    assert cli("config", "check").exit_code == 0
    assert cli("config", "get", words[0]).stdout != f"{words[1]}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mouse", "perhaps"], "true or false"),
        (["mose", "true"], 'Did you mean "mouse"?'),
        (["interval", "soon"], "seconds"),
        (["interval", "--", "-1"], "seconds"),
        (["cache_limit", "lots"], "5GB"),
        (["theme", "nope"], "There are batchtui-dark"),
        (["columns", "stat", "name"], 'Did you mean "state"?'),
        (["keys.cancl", "x"], 'Did you mean "cancel"?'),
        (["accounts.a.color", "blurple"], "no colour"),
        (["accounts.a.base_url", "example"], "not a base URL"),
        (["accounts.a.key_env", KEY], "looks like an API key"),
        (["account", "nobody"], "no account"),
        (["notify.desktop", "loud"], '"auto", "osc9", "osc777" or "none"'),
        (["theme", "a", "b"], "quotes"),
        (["interval", "nan"], "from 0 to 86400.\n"),
        (["interval", "1", "2"], "from 0 to 86400.\n"),
        (["qqq", "1"], "prices.\n"),
        (["tabs.To do", "x"], "quotes.\n"),
        (["theme"], "VALUE"),
        (["hooks.on_end", os.fsdecode(b"/bin/\xff")], "text in UTF-8"),
    ],
)
def test_what_would_not_be_right_is_refused(
    cli: Cli, file: Path, words: list[str], said: str
) -> None:
    file.write_text("# mine\n")
    refused = cli("config", "set", *words)
    assert refused.exit_code == 2
    assert said in refused.stderr
    assert KEY not in refused.output
    assert file.read_text() == "# mine\n"


def test_who_sets_what_the_environment_has_a_say_on_is_told(
    cli: Cli, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://x")
    assert "environment" in cli("config", "set", "base_url", "http://y").stderr
    assert cli("config", "unset", "base_url").output == ""


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a place nobody can write to")
def test_a_place_that_cannot_be_written_is_one_sentence(cli: Cli) -> None:
    for directory, said in (("/proc", "cannot be written"), ("/proc/batchtui", "cannot be made")):
        refused = cli("config", "set", "--config-dir", directory, "mouse", "false")
        assert refused.exit_code == 1
        assert said in refused.stderr
    assert "no copy" in cli("config", "edit", "--config-dir", "/proc").stderr


def test_a_bad_file_can_be_mended_bit_by_bit(cli: Cli, file: Path) -> None:
    file.write_text("mouse = 3 # why\nauto_fetch = 'x'\n")
    assert "1 problem besides" in cli("config", "set", "mouse", "true").stderr
    assert cli("config", "unset", "auto_fetch").output == ""
    assert file.read_text() == "mouse = true # why\n"


def test_every_problem_is_said_with_its_line(cli: Cli, file: Path) -> None:
    file.write_text(
        "mouse = 3\ntheme = 'nope'\ncolumns = ['stat', 'name']\nthem = 1\n"
        "[accounts.a]\ncolor = 'blurple'\n[accounts.b]\nkey_env = '-'\n[keys]\ncancl = 'x'\n"
    )
    done = cli("config", "check")
    assert done.exit_code == 2
    lines = done.stdout.splitlines()
    assert [line.split('" ')[0] for line in lines] == [
        'config.toml, line 1: "mouse',
        'config.toml, line 2: "theme',
        'config.toml, line 3: "columns',
        'config.toml, line 4: "them',
        'config.toml, line 6: "accounts.a.color',
        'config.toml, line 8: "accounts.b.key_env',
        'config.toml, line 10: "keys.cancl',
    ]
    facts = [json.loads(line) for line in cli("config", "check", "--json").stdout.splitlines()]
    assert [each["problem"] for each in facts] == lines
    assert facts[0]["line"] == 1
    assert facts[0]["name"] == "mouse"


def test_accounts_that_would_look_the_same_are_told_apart_before_anything_is_deleted(
    cli: Cli, file: Path
) -> None:
    names = [f"acme-anthropics-{each}-central-europe" for each in ("prod", "test")]
    file.write_text("".join(f"[accounts.{each}]\nkey_env = 'A'\n" for each in [*names, "acme"]))
    done = cli("config", "check")
    assert done.exit_code == 2
    assert [line.split('" ')[0] for line in done.stdout.splitlines()] == [
        f'config.toml, line 1: "accounts.{names[0]}',
        f'config.toml, line 3: "accounts.{names[1]}',
    ]
    assert "looks like another account" in done.stdout


def test_a_file_that_is_no_toml(cli: Cli, file: Path) -> None:
    file.write_bytes(b"mouse = true\ntheme =\n")
    done = cli("config", "check")
    assert (done.exit_code, len(done.stdout.splitlines())) == (2, 1)
    assert "line 2: not valid TOML" in done.stdout
    file.write_bytes(b"mouse = true\ntheme = '\xff'\n")
    (fact,) = map(json.loads, cli("config", "check", "--json").stdout.splitlines())
    assert (fact["line"], fact["name"]) == (2, None)
    assert "not UTF-8" in fact["problem"]


def test_a_file_that_is_right_or_not_there(cli: Cli, file: Path) -> None:
    assert "not there" in cli("config", "check").stderr
    file.write_text("mouse = false\n")
    done = cli("config", "check")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "config.toml is all right.\n")


def test_the_names_are_completed(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_BATCHTUI_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "batchtui config get notify.")
    monkeypatch.setenv("COMP_CWORD", "3")
    done = process()
    assert b"notify.bell" in done.stdout
    assert b"hooks" not in done.stdout


# Editing


def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Have an editor that runs this with the copy as `path`."""
    script = tmp_path / "an editor.py"
    script.write_text(f"import sys, pathlib\npath = pathlib.Path(sys.argv[1])\n{code}\n")
    monkeypatch.setenv("VISUAL", f"'{sys.executable}' '{script}'")
    monkeypatch.setenv("EDITOR", "false")


def copies(config: Path) -> list[Path]:
    return [each for each in config.iterdir() if each.is_file() and each.name != FILE_NAME]


def test_an_edit_that_is_right_takes_the_place(
    cli: Cli, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text("# mine\nmouse = true\n")
    editor(tmp_path, monkeypatch, "path.write_text(path.read_text().replace('true', 'false'))")
    done = cli("config", "edit")
    assert (done.exit_code, done.output) == (0, "")
    assert file.read_text() == "# mine\nmouse = false\n"
    assert copies(file.parent) == []


def test_the_first_edit_begins_with_all_there_is_to_set(
    cli: Cli, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit = "text = path.read_text().replace('# mouse = true', 'mouse = false')"
    editor(tmp_path, monkeypatch, f"{edit}\npath.write_text(text)")
    assert cli("config", "edit").exit_code == 0
    assert tomllib.loads(file.read_text()) == {"mouse": False}
    assert "# hooks.on_end = []" in file.read_text()


def test_an_edit_that_is_wrong_is_kept_beside(
    cli: Cli, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text("mouse = true\n")
    editor(tmp_path, monkeypatch, "path.write_text('mouse = 3\\nthem = 1\\n')")
    done = cli("config", "edit")
    assert done.exit_code == 2
    assert file.read_text() == "mouse = true\n"
    (copy,) = copies(file.parent)
    assert copy.read_text() == "mouse = 3\nthem = 1\n"
    assert copy.stat().st_mode & 0o777 == 0o600
    for words in ('line 1: "mouse"', 'line 2: "them"', str(copy)):
        assert words in done.stderr


def test_a_wrong_edit_can_be_edited_again(
    file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    terminal: Callable[..., Terminal],
) -> None:
    file.write_text("mouse = true")
    edit = "text = 'mouse = false' if '3' in path.read_text() else 'mouse = 3'"
    editor(tmp_path, monkeypatch, f"{edit}\npath.write_text(text)")
    started = terminal("config", "edit")
    started.read_until("Edit it again? [Y/n]")
    started.type("\n")
    assert started.finish() == 0
    assert file.read_text() == "mouse = false"
    started = terminal("config", "edit")
    started.read_until("Edit it again? [Y/n]")
    started.type("n\n")
    assert started.finish() == 2
    assert len(copies(file.parent)) == 1


def test_ctrl_c_is_the_editors(
    file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    terminal: Callable[..., Terminal],
) -> None:
    handler = "signal.signal(signal.SIGINT, lambda *_: path.write_text('mouse = false'))"
    wait = "while 'false' not in path.read_text():\n    time.sleep(0.01)"
    code = f"import signal, time\n{handler}\nprint('ready')\n{wait}"
    file.write_text("mouse = true")
    editor(tmp_path, monkeypatch, code)
    started = terminal("config", "edit")
    started.read_until("ready")
    os.killpg(started.process.pid, signal.SIGINT)
    assert started.finish() == 0
    assert file.read_text() == "mouse = false"


@pytest.mark.parametrize("code", ["", "path.unlink()"])
def test_an_editor_that_changes_nothing(
    cli: Cli, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    file.write_text("mouse = true\n")
    editor(tmp_path, monkeypatch, code)
    done = cli("config", "edit")
    assert (done.exit_code, done.stderr) == (0, "Nothing was changed.\n")
    assert file.read_text() == "mouse = true\n"
    assert copies(file.parent) == []


def test_who_else_changed_the_file_meanwhile_is_not_overruled(
    cli: Cli, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text("mouse = true\n")
    other = f"pathlib.Path({str(file)!r}).write_text('interval = 5')"
    editor(tmp_path, monkeypatch, f"{other}\npath.write_text('mouse = false')")
    done = cli("config", "edit")
    assert done.exit_code == 1
    assert "somebody else" in done.stderr
    assert file.read_text() == "interval = 5"
    (copy,) = copies(file.parent)
    assert copy.read_text() == "mouse = false"


@pytest.mark.parametrize(
    ("wanted", "code", "said"),
    [
        ("/nowhere/editor", 2, "cannot be run"),
        ("it's", 2, "cannot be run"),
        ("false", 1, "failed"),
    ],
)
def test_an_editor_that_cannot_be_had(
    cli: Cli, file: Path, monkeypatch: pytest.MonkeyPatch, wanted: str, code: int, said: str
) -> None:
    monkeypatch.setenv("VISUAL", wanted)
    done = cli("config", "edit")
    assert done.exit_code == code
    assert said in done.stderr
    assert copies(file.parent) == []


# Elsewhere


def test_other_commands_stop_at_a_bad_file_and_info_does_not(cli: Cli, file: Path) -> None:
    file.write_text("mouse = 3\nthem = 1\n")
    refused = cli("list", "--offline")
    assert refused.exit_code == 2
    assert 'line 1: "mouse"' in refused.stderr
    assert "names 1 more" in refused.stderr
    assert "config edit" not in refused.stderr
    file.write_text("mouse = 3\n")
    assert cli("list", "--offline").stderr.endswith(" `batchtui config edit` opens the file.\n")
    file.write_text("mouse = 3\nthem = 1\n")
    told = cli("info")
    assert told.exit_code == 0
    assert 'line 2: "them"' in told.stdout
