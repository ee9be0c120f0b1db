"""The accounts there are to choose from: whose each is, what may be done in it, what goes on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeAlias

from textual.content import Content

from batchtui.domain.text import cell_width, counted, crop_middle, safe_line
from batchtui.settings.accounts import Choice, CommandKey, EnvKey, FoundIn
from batchtui.ui.accounts import Known
from batchtui.ui.peeking import Tally, tally
from batchtui.ui.presenters.badge import badge, badge_style
from batchtui.ui.presenters.state import LOUD, QUIET
from batchtui.ui.title import LONGEST_NAME
from batchtui.ui.widgets.pick_list import Pick

Key: TypeAlias = tuple[str, str]
"""What there is to choose: `ALL`, or "account" and the name of one."""

ALL: Final[Key] = ("all", "")

NOT_SET: Final = "which is not set"

_INDENT = "  "

_NUMBERS: Final = 24
"""Cells kept for the numbers on the right."""

_ALL_WORDS: Final = "All accounts"

_MORE_WORDS: Final = (
    ("To have more, name them in config.toml:", QUIET),
    ("", ""),
    ("  [accounts.other]", ""),
    ('  key_env = "OTHER_API_KEY"  # the name of a variable, never a key', ""),
    ("", ""),
    ("or log in to another profile with `ant auth login`. They can be chosen here at once.", QUIET),
)

_ALONE_WORDS: Final = (
    ("The demo has an account of its own, and uses none of yours.", QUIET),
    ("Outside it, this is where one goes from one account to another.", QUIET),
)


def account_key(choice: Choice) -> Key:
    """The key of an account."""
    return ("account", choice.name)


def account_picks(
    accounts: Iterable[Known],
    stored: Mapping[str, Tally],
    *,
    here: Key,
    alone: bool,
    typed: str,
    width: int,
) -> list[Pick[Key]]:
    """The lines to choose from, two for each account.

    Args:
        accounts: all there are.
        stored: the numbers of those that are not open, by name.
        here: what is on screen.
        alone: whether there can be no other.
        typed: what names, places and workspaces have to contain.
        width: in cells.
    """
    known = list(accounts)
    shown = [each for each in known if matches(each, typed)]
    lines: list[Pick[Key]] = []
    for each in shown:
        key = account_key(each.choice)
        words = _words(each, tally(each, stored), here=key == here, width=width)
        lines += [Pick(line, key) for line in words]
    with_all = len(known) > 1 and matches_all(typed)
    if with_all:
        lines += _all_of_them(len(known), here=here == ALL)
    if len(known) == 1:
        more = _ALONE_WORDS if alone else _MORE_WORDS
        lines.append(Pick(""))
        lines += [
            Pick(line)
            for words, style in more
            for line in Content.styled(words, style).wrap(max(width, 1)) or [Content("")]
        ]
    if not shown and not with_all:
        lines.append(Pick(Content.styled("No account is called that", LOUD)))
    return lines


def matches(known: Known, typed: str) -> bool:
    """Whether every word that was typed is in the name, the place or the workspace."""
    who = known.identity
    there = f"{known.choice.name} {who.endpoint} {who.workspace}" if who else known.choice.name
    return all(word in there.casefold() for word in typed.casefold().split())


def matches_all(typed: str) -> bool:
    """Whether what was typed is a part of what all of them together are called."""
    return typed.strip().casefold() in _ALL_WORDS.casefold()


def _words(known: Known, numbers: Tally | None, *, here: bool, width: int) -> Iterator[Content]:
    choice, who, title = known.choice, known.identity, known.title
    modes = "".join(f" {mode} " for mode in title.modes)
    colored = badge_style(title.color)
    # The blank before a name in colour is a part of the indent: all names begin in one column.
    lead = "● " if here else _INDENT
    rest = Content.assemble(
        "  " if modes else "",
        (modes, "bold $warning reverse" if modes else ""),
        ("  here now", "$accent") if here else "",
    )
    # Here, where one chooses, names are as long as they can be.
    room = max(width - len(_INDENT) - 2 - rest.cell_length - _NUMBERS, LONGEST_NAME)
    name = crop_middle(safe_line(title.account), room)
    left = Content.assemble(
        (lead[:-1] if colored else lead, "$accent"),
        badge(name, title.color) if colored else Content.styled(name, "bold"),
        rest,
    )
    right = _numbers(numbers)
    room = width - left.cell_length - right.cell_length
    yield Content.assemble(left, " " * room, right) if room > 0 else left
    if room <= 0 and right:
        yield Content.assemble(_INDENT, right)
    if known.trouble or who is None:
        for line in Content.styled(safe_line(known.trouble), LOUD).wrap(max(width - 2, 1)):
            yield Content.assemble(_INDENT, line)
        return
    missing = f", {NOT_SET}" if isinstance(choice.key, EnvKey) and not who.present else ""
    source = _source(choice, who.source) if title.endpoint else "needs no key"
    parts = (title.endpoint, title.workspace, source)
    yield Content.assemble(
        _INDENT, (_joined(parts, width - len(_INDENT + missing)), QUIET), (missing, LOUD)
    )


def _numbers(numbers: Tally | None) -> Content:
    if numbers is None:
        return Content()
    if not numbers.batches:
        return Content.styled("no batches known", QUIET)
    running = f" · {counted(numbers.running, 'running', 'running')}" if numbers.running else ""
    return Content.assemble(
        (counted(numbers.batches, "batch", "batches"), QUIET), (running, "$accent")
    )


def _source(choice: Choice, source: str) -> str:
    """Where its key comes from."""
    match choice.key:
        case EnvKey(variable):
            return f"key in {variable}"
        case CommandKey(argv):
            return f"key from {argv[0]}" if argv else "key from a command"
    if choice.profile:
        return f"profile {choice.profile}"
    return source if choice.found_in is not FoundIn.ENVIRONMENT else "environment"


def _joined(parts: Iterable[str], room: int) -> str:
    """The parts, cut in their middles, as many as there is room for."""
    line = ""
    for part in filter(None, parts):
        longer = f"{line} · " if line else ""
        longer += crop_middle(safe_line(part), 32)
        if cell_width(longer) <= room:
            line = longer
    return line


def _all_of_them(number: int, *, here: bool) -> Iterator[Pick[Key]]:
    yield Pick("")
    yield Pick(
        Content.assemble(
            ("● " if here else _INDENT, "$accent"),
            (_ALL_WORDS, "bold"),
            (f"  the batches of all {number} in one list", QUIET),
            ("  here now", "$accent") if here else "",
        ),
        ALL,
    )
