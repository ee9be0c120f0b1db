"""The page on config.toml says what is so, and its example can be used."""

from __future__ import annotations

from batchtui.cli.config_checking import every_fault
from tools.config_page import EXAMPLE, PAGE, page


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `make docs`"


def test_the_example_is_right() -> None:
    assert every_fault(EXAMPLE, {}) == ()
