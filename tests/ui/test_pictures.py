"""Every screen and state that matters looks as it did when a person last looked at it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import pytest
from textual.app import App

from tests.ui.conftest import AppPilot
from tests.ui.scenes import SCENES, Scene, Size, opened, play


class Compare(Protocol):
    """Compares the app with its picture."""

    def __call__(self, app: App[int], *, terminal_size: Size, run_before: object) -> bool: ...


@pytest.mark.parametrize(
    ("scene", "size"),
    [
        pytest.param(scene, size, id=f"{scene.name}-{size[0]}x{size[1]}")
        for scene in SCENES
        for size in scene.sizes
    ],
)
def test_picture(scene: Scene, size: Size, snap_compare: Compare, tmp_path: Path) -> None:
    async def prepare(pilot: AppPilot) -> None:
        await play(scene, pilot)

    with opened(scene, tmp_path / "config") as app:
        assert snap_compare(app, terminal_size=size, run_before=prepare)
