"""The keys that `config.toml` gives to commands: which can be used, and words on the others."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches

import msgspec
from textual.binding import Binding
from textual.keys import Keys, _character_to_key

from batchtui.domain.text import safe_line
from batchtui.ui.commands import Command
from batchtui.ui.screens.accounts import AccountsScreen
from batchtui.ui.screens.asking import AskScreen
from batchtui.ui.screens.batches import BatchesScreen
from batchtui.ui.screens.board import BoardScreen
from batchtui.ui.screens.choosing import ChoosingScreen
from batchtui.ui.screens.compare import CompareScreen
from batchtui.ui.screens.dialog import Dialog
from batchtui.ui.screens.everywhere import EverywhereScreen
from batchtui.ui.screens.export import ExportScreen
from batchtui.ui.screens.help import HelpScreen
from batchtui.ui.screens.insight import InsightScreen
from batchtui.ui.screens.insight_export import InsightExportScreen
from batchtui.ui.screens.new_batch import NewBatchScreen
from batchtui.ui.screens.plan import PlanScreen
from batchtui.ui.screens.prompt import PromptScreen
from batchtui.ui.screens.result import ResultScreen
from batchtui.ui.screens.results import ResultsScreen
from batchtui.ui.screens.retry import RetryScreen
from batchtui.ui.widgets.ask_line import AskLine
from batchtui.ui.widgets.choices import Choices
from batchtui.ui.widgets.confirming import Confirming
from batchtui.ui.widgets.file_picker import FilePicker
from batchtui.ui.widgets.line_table import LineTable
from batchtui.ui.widgets.options import Options
from batchtui.ui.widgets.pick_list import PickList
from batchtui.ui.widgets.reader import Reader

PAGES = (
    BatchesScreen,
    BoardScreen,
    CompareScreen,
    EverywhereScreen,
    InsightScreen,
    NewBatchScreen,
    ResultScreen,
    ResultsScreen,
)
_OTHERS = (
    AccountsScreen,
    AskLine,
    AskScreen,
    Choices,
    ChoosingScreen,
    Confirming,
    Dialog,
    ExportScreen,
    FilePicker,
    HelpScreen,
    InsightExportScreen,
    LineTable,
    Options,
    PickList,
    PlanScreen,
    PromptScreen,
    Reader,
    RetryScreen,
)


_MODIFIERS = frozenset(("alt", "ctrl", "hyper", "meta", "shift", "super"))
_NAMES = frozenset(
    (
        *(each for key in Keys if "<" not in (each := key.value.rpartition("+")[2])),
        *map(_character_to_key, string.punctuation),
    )
)
"""What keys without modifiers are called that are not called by the one character they type."""


class Keymap(msgspec.Struct, frozen=True):
    """What was read of the keys.

    Attributes:
        keys: Textual's names of the keys, comma-separated, by command id.
        notices: what cannot be as it was wished, as sentences.
    """

    keys: dict[str, str]
    notices: tuple[str, ...]


def read_keys(given: Mapping[str, str], everywhere: Sequence[Command]) -> Keymap:
    """Read the keys a person gave.

    Args:
        given: keys as written, comma-separated, by command id.
        everywhere: the commands of all screens.
    """
    known = command_ids(everywhere)
    keys: dict[str, str] = {}
    notices = []
    for command, written in given.items():
        names = [name for each in written.split(",") if (name := each.strip())]
        if command not in known:
            notices.append(_unknown(command, known))
            continue
        notices += (_no_key(command, name) for name in names if not _is_key(name))
        if good := [_name(name) for name in names if _is_key(name)]:
            keys[command] = ",".join(good)
        elif not names:
            notices.append(f'config.toml gives no key to "{command}", so it keeps its own.')
    notices += dict.fromkeys(_clashes(keys, everywhere))
    return Keymap(keys, tuple(notices))


def command_ids(everywhere: Sequence[Command]) -> set[str]:
    """The ids of all commands there are, those of all screens included."""
    bindings = [each for owner in (*PAGES, *_OTHERS) for each in owner.BINDINGS]
    ids = {each.id for each in bindings if isinstance(each, Binding) and each.id}
    return ids | {each.id for each in everywhere}


def _unknown(command: str, known: set[str]) -> str:
    close = get_close_matches(command, sorted(known), n=1)
    hint = f'Did you mean "{close[0]}"?' if close else "The keys it has stay as they are."
    return f'config.toml gives a key to "{safe_line(command, 60)}", which is no command. {hint}'


def _is_key(name: str) -> bool:
    *modifiers, key = name.split("+")
    return len(name) == 1 or (_MODIFIERS.issuperset(modifiers) and (len(key) == 1 or key in _NAMES))


def _no_key(command: str, name: str) -> str:
    *modifiers, key = name.casefold().split("+")
    parts = [_closest(each, _MODIFIERS) for each in modifiers]
    parts.append(key if len(key) == 1 else _closest(key, _NAMES))
    hint = (
        f'Did you mean "{"+".join(parts)}"?' if all(parts) else "Keys are such as x, f5 or ctrl+x."
    )
    return f'config.toml gives "{command}" the key "{safe_line(name, 30)}": there is none. {hint}'


def _closest(name: str, known: Iterable[str]) -> str:
    return next(iter(get_close_matches(name, known, n=1)), "")


def _name(key: str) -> str:
    """Textual's name of a key that may be written as the character it types."""
    return _character_to_key(key) if len(key) == 1 else key


def _clashes(keys: Mapping[str, str], everywhere: Sequence[Command]) -> Iterator[str]:
    """Which commands of one screen have one key, if `keys` brought that about."""
    for page in PAGES:
        owners: dict[str, str] = {}
        for command in (*page.VERBS, *everywhere):
            for key in keys.get(command.id, command.keys).split(","):
                owner = owners.setdefault(key, command.id)
                if owner != command.id and (owner in keys or command.id in keys):
                    yield (
                        f'config.toml leads to one key, {safe_line(key, 30)}, for "{owner}"'
                        f' and "{command.id}": only one of them has it.'
                    )
