"""On which line a key of a TOML text is."""

from __future__ import annotations

import pytest

from batchtui.settings.lines import line_of, statements

TEXT = '''# a comment
theme = "dark"  # another
hooks.on_end = [
    "a",
    "[notify]",
]
columns = ["""
[keys]
theme = 3
""", 'x']

[notify]
bell = true
"desktop" = "osc9"

[accounts]
work = { color = "red", profile = "p" }

[accounts.home]   # mine
color = "blue"

[[prices.x]]
input = 1
[[prices.x]]
output = 2
[keys]
"batches.cancel" = "x"
'''


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("theme",), 2),
        (("hooks",), 3),
        (("hooks", "on_end"), 3),
        (("columns",), 7),
        (("notify",), 12),
        (("notify", "bell"), 13),
        (("notify", "desktop"), 14),
        (("notify", "title"), 12),
        (("accounts", "work"), 17),
        (("accounts", "work", "profile"), 17),
        (("accounts", "home", "color"), 20),
        (("accounts", "home", "profile"), 19),
        (("accounts", "other"), 16),
        (("prices", "x"), 22),
        (("prices", "x", "output"), 25),
        (("keys", "batches.cancel"), 27),
        (("nowhere",), None),
        ((), None),
    ],
)
def test_where_a_key_is(path: tuple[str, ...], line: int | None, newline: str) -> None:
    assert line_of(path, list(statements(TEXT.replace("\n", newline)))) == line


def test_a_value_of_many_lines_is_not_looked_into_for_ever() -> None:
    text = 'theme = "x"\nlong = """\n' + "x = 1\n" * 5000 + '"""\nmouse = true'
    assert line_of(("mouse",), list(statements(text))) is None
    assert line_of(("theme",), list(statements(text))) == 1
