"""Draws the pictures of the README: `python -m tests.pictures FOLDER`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.ui.scenes import NARROW, SCENES, WIDE, Scene, Size, opened, play

PICTURES = {
    "batches": ("batches", WIDE),
    "batches-80x24": ("batches", NARROW),
    "board": ("board", WIDE),
    "results": ("results-all", WIDE),
    "result": ("result", WIDE),
    "new": ("new-several", WIDE),
    "jobs": ("jobs-opened", WIDE),
    "insight": ("insight", WIDE),
    "accounts": ("accounts", NARROW),
    "plan": ("plan-delete", NARROW),
    "light": ("batches-light", WIDE),
}
"""File name, without its ending, to scene and size."""


async def draw(scene: Scene, size: Size) -> str:
    """A scene as SVG."""
    with tempfile.TemporaryDirectory() as directory, opened(scene, Path(directory)) as app:
        async with app.run_test(size=size) as pilot:
            await play(scene, pilot)
            return app.export_screenshot()


def main(folder: Path) -> None:
    """Draw all pictures into a folder."""
    scenes = {scene.name: scene for scene in SCENES}
    folder.mkdir(exist_ok=True)
    for file, (name, size) in PICTURES.items():
        path = folder / f"{file}.svg"
        path.write_text(asyncio.run(draw(scenes[name], size)), encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
