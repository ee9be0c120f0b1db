"""What each way into the program loads, as seen from a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from batchtui.account.opening import results_directory
from batchtui.settings.credentials import DEFAULT_ENDPOINT

HEAVY = frozenset({"textual", "rich", "anthropic", "httpx2", "pydantic"})
SERVER = frozenset({"uvicorn", "starlette"})

REPORT = """
import sys
from batchtui.cli.main import batchtui
try:
    batchtui(prog_name="batchtui")
except SystemExit as ended:
    print(ended.code, *{name.partition(".")[0] for name in sys.modules}, file=sys.stderr)
"""


def loaded(*words: str) -> frozenset[str]:
    """The top-level modules that a command line has loaded when it ends well."""
    done = subprocess.run(
        [sys.executable, "-c", REPORT, *words], capture_output=True, text=True, check=True
    )
    code, *modules = done.stderr.splitlines()[-1].split()
    assert code == "0", done.stderr
    return frozenset(modules)


def loaded_by(statement: str) -> frozenset[str]:
    """The modules, by their whole names, that a statement loads."""
    code = f"import sys\n{statement}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return frozenset(done.stdout.split())


@pytest.mark.parametrize(
    "words",
    [("list", "--offline", "--json"), ("list", "--offline"), ("list", "--offline", "--limit", "0")],
)
def test_an_offline_list_loads_nothing_it_does_not_need(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    modules = loaded(*words, "--config-dir", str(tmp_path))
    assert not modules & (HEAVY | SERVER | {"asyncio", "ssl", "platformdirs", "tomlkit"})


@pytest.mark.parametrize("words", [(), ("--summary",), ("--format", "csv")])
def test_results_that_are_here_load_no_sdk_and_no_screens(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    place = results_directory(tmp_path, DEFAULT_ENDPOINT)
    place.mkdir(parents=True)
    (place / "msgbatch_1.jsonl").write_text('{"custom_id":"a","result":{"type":"expired"}}\n')
    modules = loaded("results", "msgbatch_1", *words, "--config-dir", str(tmp_path))
    assert not modules & (HEAVY | SERVER | {"pyarrow", "platformdirs", "tomlkit"})


@pytest.mark.parametrize(
    "words",
    [
        *(("--version",), ("--help",), ("completion", "bash"), ("info",)),
        *(("config",), ("config", "get", "mouse")),
    ],
)
def test_what_asks_nothing_loads_next_to_nothing(words: tuple[str, ...]) -> None:
    assert not loaded(*words) & (HEAVY | SERVER | {"asyncio", "ssl"})


@pytest.mark.parametrize(
    "verb", ["list", "show", "results", "cancel", "delete", "link", "simulate", "demo"]
)
def test_help_loads_no_screens_and_no_sdk(verb: str) -> None:
    assert not loaded(verb, "--help") & HEAVY


def test_the_way_to_the_app_loads_no_sdk() -> None:
    modules = loaded_by("import batchtui.cli.app, batchtui.account.account, batchtui.api.client")
    assert not {name.partition(".")[0] for name in modules} & (HEAVY | SERVER)


def test_the_app_loads_no_sdk_and_no_simulator() -> None:
    modules = loaded_by("import batchtui.cli.app, batchtui.ui.app")
    assert not {name.partition(".")[0] for name in modules} & {"anthropic", "httpx2", *SERVER}
    assert not any(name.startswith("batchtui.simulator") for name in modules)


def test_the_domain_loads_no_other_room() -> None:
    modules = loaded_by(
        "import batchtui.domain.batch, batchtui.domain.changes, batchtui.domain.errors,"
        " batchtui.domain.forecast, batchtui.domain.text, batchtui.domain.view"
    )
    rooms = {name.split(".")[1] for name in modules if name.startswith("batchtui.")}
    assert rooms == {"domain"}
    assert not modules & {"sqlite3", "asyncio", "socket"}
