"""Keys given in config.toml, and what is said of those that cannot be used."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from textual.binding import Binding
from textual.dom import DOMNode

import batchtui.ui
from batchtui.settings.schema import Settings
from batchtui.simulator.clock import FixedClock
from batchtui.ui.app import BatchtuiApp
from batchtui.ui.keymap import read_keys
from batchtui.ui.screens.board import BoardScreen
from tests.conftest import StartSimulator
from tests.ui.conftest import RunApp, until


def read(**keys: str) -> tuple[dict[str, str], tuple[str, ...]]:
    found = read_keys(keys, BatchtuiApp.VERBS)
    return found.keys, found.notices


def test_as_they_come_nothing_is_to_be_said() -> None:
    assert read() == ({}, ())


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("B", "B"),
        ("ctrl+x", "ctrl+x"),
        ("f5, ctrl+r", "f5,ctrl+r"),
        ("#", "number_sign"),
        ("comma", "comma"),
        ("+", "plus"),
        ("€,é", "euro_sign,é"),
        ("shift+f5,alt+ctrl+f12", "shift+f5,alt+ctrl+f12"),
    ],
)
def test_keys_may_be_written_as_names_or_as_what_they_type(written: str, read_as: str) -> None:
    assert read(board=written) == ({"board": read_as}, ())


def test_a_command_that_is_none_is_told_with_the_one_that_was_meant() -> None:
    keys, (notice,) = read(cancle="ctrl+x")
    assert not keys
    assert notice == (
        'config.toml gives a key to "cancle", which is no command. Did you mean "cancel"?'
    )
    assert read_keys({"table.down": "ctrl+n"}, ()).notices == ()


@pytest.mark.parametrize("written", ["", " , "])
def test_a_command_keeps_its_key_if_it_is_given_none(written: str) -> None:
    keys, (notice,) = read(cancel=written)
    assert not keys
    assert "keeps its own" in notice


@pytest.mark.parametrize(
    ("written", "meant"),
    [("contrl+x", "ctrl+x"), ("Ctrl+X", "ctrl+x"), ("esc", "escape"), ("ctrl+pgup", "ctrl+pageup")],
)
def test_a_key_that_is_none_is_told_with_the_one_that_was_meant(written: str, meant: str) -> None:
    keys, (notice,) = read(cancel=written)
    assert not keys
    assert notice.endswith(f'there is none. Did you mean "{meant}"?')
    assert read(cancel=f"{written},{meant}")[0] == {"cancel": meant}


def test_a_key_like_none_is_told_with_what_keys_are_like() -> None:
    assert read(cancel="C-c C-c")[1][0].endswith("Keys are such as x, f5 or ctrl+x.")


def test_one_key_for_two_commands_is_told_once() -> None:
    _, (notice,) = read(cancel="d")
    assert notice == (
        'config.toml leads to one key, d, for "cancel" and "delete": only one of them has it.'
    )
    assert read(cancel="d", delete="D")[1] == ()
    assert "next_theme" in read(cancel="t")[1][0]


async def test_what_cannot_be_as_wished_is_said_at_the_start(
    simulator: StartSimulator,
    run_app: RunApp,
    fixed_clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(BatchtuiApp, "NOTIFICATION_TIMEOUT", 3600)  # however slow the machine is
    settings = Settings(interval=0, theme="solarized", keys={"bord": "B", "board": "#"})
    server = simulator("demo", clock=fixed_clock)
    async with run_app(server, fixed_clock, settings=settings) as (app, pilot):
        said = [each.message for each in app._notifications]
        assert any('Did you mean "board"?' in each for each in said)
        assert any("There is no theme" in each and "batchtui-light" in each for each in said)
        await pilot.press("number_sign")
        await until(pilot, lambda: isinstance(app.screen, BoardScreen))


def test_every_binding_of_every_screen_and_widget_can_be_given_keys() -> None:
    for module in pkgutil.walk_packages(batchtui.ui.__path__, "batchtui.ui."):
        importlib.import_module(module.name)
    own = {each for each in _subclasses(DOMNode) if each.__module__.startswith("batchtui.ui")}
    bindings = {binding for each in own for binding in vars(each).get("BINDINGS", ())}
    ids = {each.id for each in bindings if isinstance(each, Binding) and each.id}
    assert len(ids) > 100
    assert not [each for each in ids if read(**{each: "f12"})[0] != {each: "f12"}]


def _subclasses(of: type[DOMNode]) -> Iterator[type[DOMNode]]:
    for each in of.__subclasses__():
        yield each
        yield from _subclasses(each)
