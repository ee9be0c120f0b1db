"""The page on config.toml says what is so, and its example can be used."""

from __future__ import annotations

import re

from batchtui.cli.config_checking import every_fault
from batchtui.ui.app import BatchtuiApp
from batchtui.ui.keymap import PAGES, read_keys
from tools.config_page import EXAMPLE, PAGE, page


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `make docs`"


def test_the_example_is_right() -> None:
    assert every_fault(EXAMPLE, {}) == ()


def test_keys_can_be_given_as_they_stand_in_the_list() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (`.*`) \|", page().partition("## Commands")[2], re.MULTILINE)
    listed = {name: keys.replace("`; `", "` `").strip("`").split("` `") for name, keys in rows}
    assert listed["filter"] == ["/", "F"]
    assert listed["pin"] == ["!"]
    for name, keys in listed.items():
        given = read_keys({name: ",".join(keys)}, BatchtuiApp.VERBS).keys[name]
        assert set(given.split(",")) == {
            key
            for verbs in (BatchtuiApp.VERBS, *(each.VERBS for each in PAGES))
            for command in verbs
            if command.id == name
            for key in command.keys.split(",")
        }
