"""What is installed beside the program is what the commands say now."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.cli.test_help import COMMANDS
from tools.share import SHARE, made

ROOT = SHARE.parent
MAN = "man/man1/batchtui.1"


@pytest.mark.parametrize("name", made())
def test_it_is_current(name: str) -> None:
    assert (SHARE / name).read_text("utf-8") == made()[name], "run `make share`"


def test_the_wheel_has_all_of_it_and_nothing_else() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    shared = project["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    assert all(source == target for source, target in shared.items())
    there = {f"share/{path.relative_to(SHARE)}" for path in SHARE.rglob("*") if path.is_file()}
    assert set(shared) == {f"share/{name}" for name in made()} == there


def test_the_page_has_every_command() -> None:
    page = made()[MAN]
    for path in COMMANDS:
        assert "\n.B " + " ".join(("batchtui", *path)).replace("-", "\\-") in page
    assert page.count("\\-\\-config\\-dir") < 6


def test_the_page_has_only_what_roff_understands() -> None:
    page = made()[MAN]
    assert page.isascii()
    assert "\b" not in page
    macros = set(re.findall(r"^\.([^ \n]*)", page, re.MULTILINE))
    assert macros <= {'\\"', "TH", "SH", "SS", "PP", "TP", "B", "br", "nf", "fi"}
    assert not re.search(r"\\(?!f[BIR]|\[u[0-9A-F]{4,6}\]|\((?:aq|ga|ti|ha|dq)|[-e%&\"])", page)


@pytest.mark.parametrize(
    "lint", [["mandoc", "-T", "lint", "-W", "error"], ["groff", "-man", "-Tutf8", "-ww", "-z"]]
)
def test_the_page_has_no_faults(lint: list[str]) -> None:
    if shutil.which(lint[0]) is None:
        pytest.skip(f"no {lint[0]}")
    done = subprocess.run([*lint, SHARE / MAN], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_can_read_its_completions(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell}")
    (path,) = (SHARE / name for name in made() if name.startswith(shell))
    subprocess.run([shell, "-n", path], check=True)


def test_bash_finds_the_function_in_its_file(tmp_path: Path) -> None:
    if shutil.which("bash") is None:
        pytest.skip("no bash")
    path = SHARE / "bash-completion/completions/batchtui"
    done = subprocess.run(
        ["bash", "-c", f'source "{path}" && complete -p batchtui'],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.endswith("_batchtui_completion batchtui\n")


def test_the_page_says_which_commands_do_without_the_common_options() -> None:
    common = {"account", "config_dir", "offline"}
    without = [
        path[-1]
        for path, command in COMMANDS.items()
        if not common <= {each.name for each in command.params}
    ]
    said = made()[MAN].partition(".SH OPTIONS\n")[2].partition(".TP")[0]
    assert re.findall(r"\\fB\\%(\w+)\\fR", said) == without
