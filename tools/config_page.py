"""Writes `docs/config.md`: every setting, from the schema, and all columns and commands."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

from textual.keys import _character_to_key

from batchtui.domain.columns import COLUMN_WORDS
from batchtui.domain.pricing import Price
from batchtui.domain.tabs import OWN
from batchtui.settings.faults import dotted
from batchtui.settings.reference import Entry, entries
from batchtui.ui.app import BatchtuiApp
from batchtui.ui.commands import Command
from batchtui.ui.keymap import PAGES
from batchtui.ui.theme import THEMES

_SIGNS: Final = string.punctuation.replace(",", "")

PAGE: Final = Path(__file__).parent.parent / "docs" / "config.md"

EXAMPLE: Final = """\
account = "work"           # where to begin; P in the app goes to the others
theme = "batchtui-light"
columns = ["state", "name", "age", "progress", "bad", "next", "cost"]
auto_fetch = true
cache_limit = "20GB"

[accounts.work]
key_env = "WORK_ANTHROPIC_KEY"  # the name of a variable, never a key
color = "red"
read_only = true

[accounts.play]
base_url = "https://gateway.example/anthropic"
key_command = ["pass", "show", "gateway/key"]
color = "green"

[notify]
desktop = "osc9"

[hooks]
on_partial = ["notify-send", "batchtui", "a batch ended with errors"]

[tabs]
"To do" = "is:attention !nightly"
Evals = "evals <7d"

[keys]
cancel = "ctrl+x"
"quit" = "q,ctrl+q"

[prices.my-model]
input = 1.5
output = 7.5
cache_read = 0.15
cache_write_5m = 1.875
cache_write_1h = 3.0
"""

_HEAD: Final = """\
# config.toml

<!-- Made by `make docs`; change settings/schema.py or tools/config_page.py instead. -->

`batchtui config path` prints where the file is; without one everything is at its default. Options
win over the environment, the environment over the file, and the file over the defaults;
`batchtui config show` prints what is in force, and where each value came from.

`batchtui config set NAME VALUE` and `unset NAME` change one setting and leave comments and order
as they are; what makes no sense is refused, and nothing is written then. `batchtui config edit`
opens a copy in `$VISUAL` or `$EDITOR`, which takes the place of the file once it is right.

If something in the file is wrong, `batchtui config check` says all of it, with line and key. The
app starts all the same: a bad value is left out and the rest holds, but of an account with
anything wrong in it nothing does. If what is left out could have said where to act, or that nothing
may be changed, the app starts read-only. Other commands stop with exit code 2.

**No secret belongs into this file**, and what looks like one is refused: an account has the name of
an environment variable, or a program that prints its key.

## An example

```toml
"""

_INTRODUCTIONS: Final = {
    "": "These stand above the first table. Themes are "
    + ", ".join(f"`{each.name}`" for each in THEMES)
    + " and those of Textual, such as `nord` or `gruvbox`.",
    "tabs": "Tabs of the list of batches, each with a filter as it is typed after `/`. Without this"
    " table they are "
    + ", ".join(f"{tab.name} (`{tab.text}`)" for tab in OWN)
    + "; the first tab always has all batches.",
    "keys": "The commands and the keys they have are [below](#commands). A key is the character it"
    " types, or has a name such as `enter`, `space`, `pageup`, `f5`, `ctrl+x` or `comma`.",
    "prices": "US dollars per million tokens: "
    + ", ".join(f"`{name}`" for name in Price.__struct_fields__ if name != "over_prompt_tokens")
    + ". What is left out of a known model is as packaged. A list of tables, each with"
    " `over_prompt_tokens`, has prices by the length of the prompt.",
    "accounts.NAME": "The key is that of `key_env`, else what `key_command` prints, else that of"
    " `profile`.",
    "hooks": "Programs with arguments, run without a shell when something happened, once for each"
    " thing. The facts are in environment variables that begin with `BATCHTUI_`, and as JSON on"
    " stdin; [hooks.md](hooks.md) has them all.",
    "notify": "How the terminal tells that a watched batch ended or needs a person.",
}


def page() -> str:
    """The page as Markdown."""
    return "\n".join((*_settings(), *_columns(), *_commands()))


def _settings() -> Iterator[str]:
    yield f"{_HEAD}{EXAMPLE}```\n"
    for table, group in groupby(entries(), key=_table):
        yield f"## {f'[{table}]' if table else 'Of no table'}\n"
        yield f"{_INTRODUCTIONS[table]}\n"
        yield from _rows(("setting", "takes", "default", "what it does"), map(_row, group))


def _table(entry: Entry) -> str:
    return dotted(entry.path[:-1])


def _row(entry: Entry) -> tuple[str, ...]:
    default = f"`{entry.default}`" if entry.default else ""
    return f"`{entry.path[-1]}`", entry.takes, default, entry.words


def _columns() -> Iterator[str]:
    yield "## Columns\n"
    yield "What `columns` may name. Where there is little room, the least important are left out.\n"
    yield from _rows(
        ("column", "what it says"), ((f"`{name}`", words) for name, words in COLUMN_WORDS.items())
    )


def _commands() -> Iterator[str]:
    yield "## Commands\n"
    yield (
        "What `keys` may name. `?` in the app shows those of the screen one is on. What a command"
        " does, and by which key, may depend on the screen; the key in `keys` is that of all.\n"
    )
    found: dict[str, list[Command]] = {}
    for verbs in (BatchtuiApp.VERBS, *(page.VERBS for page in PAGES)):
        for command in verbs:
            found.setdefault(command.id, []).append(command)
    yield from _rows(
        ("command", "keys", "what it does"),
        (
            (
                f"`{name}`",
                "; ".join(dict.fromkeys(_keys(each) for each in forms)),
                "; ".join(dict.fromkeys(each.help for each in forms)),
            )
            for name, forms in found.items()
        ),
    )


def _keys(command: Command) -> str:
    return " ".join(f"`{_typed(each)}`" for each in command.keys.split(","))


def _typed(key: str) -> str:
    """A key as it may be written: the sign it types, but for the comma, which parts keys."""
    return next((each for each in _SIGNS if _character_to_key(each) == key), key)


def _rows(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for row in (head, ("---",) * len(head), *rows):
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), "utf-8")
