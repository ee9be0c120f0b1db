from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from batchtui.ui.widgets.file_picker import FilePicker

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class PickerApp(App[None]):
    def __init__(self, used: dict[str, str]) -> None:
        super().__init__()
        self.used = used
        self.picked: list[str] = []

    def compose(self) -> ComposeResult:
        yield FilePicker(self.used, lambda: NOON)

    @property
    def picker(self) -> FilePicker:
        return self.query_one(FilePicker)

    @property
    def typed(self) -> str:
        return self.picker.field.value

    @property
    def seen(self) -> str:
        files = self.picker.files
        return "\n".join(files.render_line(y).text for y in range(files.size.height))

    def on_file_picker_picked(self, message: FilePicker.Picked) -> None:
        self.picked.append(message.path)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "here"
    (place / "batches").mkdir(parents=True)
    for name in ("requests-de.jsonl", "requests-fr.jsonl", "notes.txt", "batches/one.jsonl"):
        (place / name).write_text("x" * 1234)
        moment = NOON.timestamp() - 3 * 3600
        os.utime(place / name, (moment, moment))
    monkeypatch.chdir(place)
    return place


async def until(pilot: Pilot[None], holds: Callable[[], object]) -> None:
    for _ in range(200):
        if holds():
            return
        await pilot.pause(0.02)
    raise AssertionError("it never came to hold")


async def test_tab_completes_as_far_as_all_agree_then_goes_through_them(here: Path) -> None:
    app = PickerApp({})
    async with app.run_test(size=(80, 16)) as pilot:
        await until(pilot, lambda: "requests-fr" in app.seen)
        assert "1.2 kB" in app.seen
        assert "3h" in app.seen
        await pilot.press("r", "tab")
        await until(pilot, lambda: app.typed == "requests-")
        await until(pilot, lambda: "2 matches" in app.seen)
        assert "notes" not in app.seen
        await pilot.press("tab")
        await until(pilot, lambda: app.picker.files.key == "requests-fr.jsonl")
        await pilot.press("enter")
        await until(pilot, lambda: app.picked)
        assert app.picked == ["requests-fr.jsonl"]


async def test_directories_are_gone_into(here: Path) -> None:
    app = PickerApp({})
    async with app.run_test(size=(80, 16)) as pilot:
        await pilot.press("b", "tab")
        await until(pilot, lambda: app.typed == "batches/")
        await until(pilot, lambda: "one.jsonl" in app.seen)
        await pilot.press("enter")
        await until(pilot, lambda: app.picked)
        assert app.picked == ["batches/one.jsonl"]
        await pilot.press(*["backspace"] * len("batches/"), "b", "enter")
        await until(pilot, lambda: app.typed == "batches/")


async def test_arrows_pick_among_what_was_used_lately_and_what_is_here(here: Path) -> None:
    lately = str(here / "batches" / "one.jsonl")
    app = PickerApp({str(here / "gone.jsonl"): "gone", lately: "evil\x1b[2J"})
    async with app.run_test(size=(80, 16)) as pilot:
        await until(pilot, lambda: "Used lately" in app.seen)
        assert "sent as evil\ufffd[2J" in app.seen
        await pilot.press("down", "up", "down", "enter")
        await until(pilot, lambda: app.picked)
        assert app.picked == ["requests-de.jsonl"]
        await pilot.press("shift+tab", "enter")
        await until(pilot, lambda: len(app.picked) == 2)
        assert app.picked[1] == lately


async def test_a_whole_path_is_taken_as_it_is(here: Path) -> None:
    (here / "requests-fr.jsonl.jsonl").touch()
    app = PickerApp({})
    async with app.run_test(size=(80, 16)) as pilot:
        app.picker.field.value = "requests-fr.jsonl"
        await pilot.press("enter")
        await until(pilot, lambda: app.picked)
        assert app.picked == ["requests-fr.jsonl"]


async def test_where_nothing_goes_on_nothing_is_picked(here: Path) -> None:
    app = PickerApp({})
    async with app.run_test(size=(80, 16)) as pilot:
        await pilot.press("x", "tab", "enter")
        await until(pilot, lambda: "begins like this" in app.seen)
        await pilot.press("/", "x")
        await until(pilot, lambda: "No such file or directory" in app.seen)
        await pilot.press("tab", "enter")
        assert app.picked == []


async def test_hostile_names_are_shown_safely_and_can_be_picked(here: Path) -> None:
    name = "a\x1b]0;pwned\x07[b]\u202e.jsonl"
    (here / name).touch()
    app = PickerApp({})
    async with app.run_test(size=(80, 16)) as pilot:
        await until(pilot, lambda: "pwned" in app.seen)
        assert "\x1b" not in app.seen
        assert "\u202e" not in app.seen
        await pilot.press("enter")
        await until(pilot, lambda: app.picked)
        assert app.picked == [name]
