"""Writes what is installed beside the program: the man page, and completions of three shells."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from batchtui.cli.completion import completion_script
from tools.man import man_page

SHARE: Final = Path(__file__).parent.parent / "share"
"""Laid out as below the prefix that the package is installed to."""


def made() -> Mapping[str, str]:
    """What each file is to hold, by its path in `SHARE`."""
    return {
        "man/man1/batchtui.1": man_page(),
        "bash-completion/completions/batchtui": completion_script("bash"),
        "zsh/site-functions/_batchtui": completion_script("zsh"),
        "fish/vendor_completions.d/batchtui.fish": completion_script("fish"),
    }


if __name__ == "__main__":
    for name, text in made().items():
        path = SHARE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
