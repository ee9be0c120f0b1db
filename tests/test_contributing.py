"""The map in CONTRIBUTING.md leads to files there are."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "batchtui"


def test_every_file_it_names_is_there() -> None:
    for row in re.findall(r"^\|.*\|$", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE):
        folder = SOURCE
        for name in re.findall(r"`([\w./]+\.(?:py|json|md)|[\w/]+/)`", row):
            # After one of its folder a file is named by itself.
            path = SOURCE / name if "/" in name else folder / name
            assert path.exists(), row
            folder = path if name.endswith("/") else path.parent
