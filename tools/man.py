"""The man page, made of the help of the commands: what `--help` says, on one page."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from textwrap import wrap

import click

from batchtui import __version__
from batchtui.cli.main import batchtui
from batchtui.cli.options import common_options
from tools.words import ENVIRONMENT, FILES, SEE_ALSO

_INLINE = re.compile(r"`([^`]+)`|(?<![\w-])(--?[a-z][\w-]*)|\b(BATCHTUI_\w+|ANTHROPIC_\w+)\b")
_NAMES = re.compile(r"(?<![\w-])(--?[a-zA-Z][\w-]*)|([A-Z][A-Z|,.:=]*(?:\[[^\]]*\])?)")
_WIDEST = 79
_VERBATIM = "\b\n"
_EXAMPLES = f"{_VERBATIM}Examples:\n"


def man_page() -> str:
    """The page as roff, with the macros of man(7); the same for the same version."""
    context = click.Context(batchtui, info_name="batchtui")
    about, *more = _paragraphs(batchtui.help)
    exits = [each for each in more if each.startswith("Exit codes:")]
    commands = list(_commands(batchtui, "batchtui"))
    lines = [
        '.\\" Made by `make share` of the help of the commands; changes belong there.',
        f'.TH BATCHTUI 1 "" "batchtui {__version__}" "User Commands"',
        ".SH NAME",
        f"batchtui \\- {_text(_small(about.rstrip('.')))}",
        ".SH SYNOPSIS",
        *_synopsis(commands),
        ".SH DESCRIPTION",
        *_prose([about, *(each for each in more if each not in exits)]),
        ".SH OPTIONS",
        _text(
            f"These are of every command but {_without_common(commands)}, before or after its"
            " name; what is given last wins."
        ),
        *_options(context, _common()),
        ".PP",
        "These are of the app:",
        *_options(context, _own(batchtui)),
        ".SH COMMANDS",
        *(line for path, command in commands for line in _command(path, command)),
        ".SH EXIT STATUS",
        *_exit_codes(exits),
        ".SH ENVIRONMENT",
        *_listed(ENVIRONMENT),
        ".SH FILES",
        *_listed(FILES),
        ".SH EXAMPLES",
        *_examples(batchtui),
        ".SH SEE ALSO",
        *_prose([SEE_ALSO]),
    ]
    return "\n".join(_without_needless(lines)) + "\n"


def _without_needless(lines: Iterable[str]) -> Iterator[str]:
    """What begins a paragraph is left out where a heading does."""
    before = ""
    for line in lines:
        if line != ".PP" or not before.startswith((".SH", ".SS")):
            yield line
        before = line


def _commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    """All commands below a group, each after the one it belongs to, with its words."""
    context = click.Context(group, info_name=path)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path} {name}")


def _common() -> list[click.Parameter]:
    return click.command()(common_options(lambda: None)).params


def _without_common(commands: Iterable[tuple[str, click.Command]]) -> str:
    """The names of the commands that have no use for the common options."""
    common = {each.name for each in _common()}
    without = [
        f"`{path.removeprefix('batchtui ')}`"
        for path, command in commands
        if not common <= {each.name for each in command.params}
    ]
    return " and ".join((", ".join(without[:-1]), without[-1]))


def _own(command: click.Command) -> list[click.Parameter]:
    """The options of a command that are not of every one."""
    common = {each.name for each in _common()}
    return [each for each in command.params if each.name not in common]


def _synopsis(commands: Iterable[tuple[str, click.Command]]) -> Iterator[str]:
    yield ".B batchtui"
    yield "[\\fIOPTIONS\\fR]"
    for path, command in commands:
        yield ".br"
        yield f".B {_plain(path)}"
        yield " ".join(map(_names, command.collect_usage_pieces(_context(path, command))))


def _context(path: str, command: click.Command) -> click.Context:
    return click.Context(command, info_name=path)


def _command(path: str, command: click.Command) -> Iterator[str]:
    yield f'.SS "{_plain(path)}"'
    yield from _prose(_paragraphs(command.help))
    yield from _options(_context(path, command), _own(command))
    for paragraph in _paragraphs(command.epilog):
        if not paragraph.startswith(_EXAMPLES):
            yield from _prose([paragraph])
    yield from _examples(command)


def _paragraphs(text: str | None) -> list[str]:
    return inspect.cleandoc(text or "").split("\n\n") if text else []


def _options(context: click.Context, options: Iterable[click.Parameter]) -> Iterator[str]:
    for option in options:
        record = option.get_help_record(context)
        if record and isinstance(option, click.Option):  # arguments have words of their own
            names, words = record
            yield ".TP"
            yield _names(names)
            yield _text(words)


def _examples(command: click.Command) -> Iterator[str]:
    for paragraph in _paragraphs(command.epilog):
        if paragraph.startswith(_EXAMPLES):
            yield ".PP"
            yield from _verbatim(paragraph.removeprefix(_EXAMPLES).split("\n"))


def _exit_codes(paragraphs: Iterable[str]) -> Iterator[str]:
    """From "0 done, 1 failed (why, or why), ..." a list."""
    words = " ".join(" ".join(paragraphs).removeprefix("Exit codes:").split()).rstrip(".")
    for code, meaning in re.findall(r"(\d+) (.*?)(?:, (?=\d)|$)", words):
        yield from (".TP", f".B {code}", _text(meaning))


def _listed(entries: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, words in entries:
        yield from (".TP", f".B {_plain(name)}", _text(words))


def _prose(paragraphs: Iterable[str]) -> Iterator[str]:
    for paragraph in paragraphs:
        yield ".PP"
        if paragraph.startswith(_VERBATIM):
            yield from _verbatim(paragraph.removeprefix(_VERBATIM).split("\n"))
        else:
            yield _text(" ".join(paragraph.split()))


def _verbatim(lines: Iterable[str]) -> Iterator[str]:
    yield ".nf"
    yield from (_line(_plain(line)) for line in lines)
    yield ".fi"


# Characters


def _text(words: str) -> str:
    """Prose in which what is typed stands out."""
    parts, end = [], 0
    for found in _INLINE.finditer(words):
        parts += [_escape(words[end : found.start()])]
        parts += [f"\\fB\\%{_plain(found[1] or found[0])}\\fR"]
        end = found.end()
    text = "".join((*parts, _escape(words[end:])))
    lines = wrap(text, _WIDEST, break_long_words=False, break_on_hyphens=False)
    return "\n".join(map(_line, lines))


def _names(names: str) -> str:
    """Names of options, and what stands for their values."""
    parts, end = [], 0
    for found in _NAMES.finditer(names):
        parts += [_escape(names[end : found.start()])]
        parts += [f"\\f{'B' if found[1] else 'I'}{_plain(found[0])}\\fR"]
        end = found.end()
    return _line("".join((*parts, _escape(names[end:]))))


def _plain(words: str) -> str:
    """What is typed to the letter: the hyphen is a minus, and so on."""
    return _escape(words).replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")


def _escape(words: str) -> str:
    """Text with nothing in it that roff would take for its own."""
    words = words.replace("\\", "\\e")
    words = words.replace("~", "\\(ti").replace("^", "\\(ha").replace('"', "\\(dq")
    return "".join(each if each.isascii() else f"\\[u{ord(each):04X}]" for each in words)


def _line(words: str) -> str:
    """A line that is no request of roff's, whatever it begins with."""
    return f"\\&{words}" if words.startswith((".", "'")) else words


def _small(words: str) -> str:
    return words[:1].lower() + words[1:]
