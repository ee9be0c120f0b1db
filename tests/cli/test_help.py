"""What the help of the commands says holds."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from batchtui.cli.main import batchtui
from tests.cli.conftest import Cli


def commands(command: click.Command, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with the words that lead to it."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from commands(below, *path, name)


COMMANDS = dict(commands(batchtui))


def section(command: click.Command) -> list[str]:
    """The lines of its examples."""
    paragraphs = (command.epilog or "").split("\n\n")
    (found,) = [each for each in paragraphs if each.startswith("\b\nExamples:\n")]
    return found.split("\n")[2:]


def calls(line: str) -> Iterator[list[str]]:
    """The words after each `batchtui` in a line of shell, or of a file with such lines in it."""
    call: list[str] | None = None
    for word in (*shell_words(line), ";"):
        if call is not None and re.fullmatch(r"[;&|()<>]+", word):
            yield call
            call = None
        elif call is not None:
            call.append(word)
        elif word == "batchtui":
            call = []
        elif inside := re.search(r"[$#]\((.*)\)", word):
            yield from calls(inside[1])


def shell_words(line: str) -> Iterator[str]:
    """Words and operators; a comment begins where a word does."""
    lexer = shlex.shlex(re.sub(r"(^|\s)#\s.*", "", line), posix=True, punctuation_chars=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    return iter(lexer)


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_examples_that_it_takes(path: tuple[str, ...]) -> None:
    meant = 0
    lines = section(COMMANDS[path])
    assert all(len(line) <= 78 for line in lines)
    for line in "\n".join(lines).replace("\\\n", "").split("\n"):
        found = list(calls(line))
        assert found or line.lstrip().startswith("#"), line
        for words in found:
            command: click.Command = batchtui
            context = batchtui.make_context("batchtui", list(words))
            while isinstance(command, click.Group) and context._protected_args:
                name, below, rest = command.resolve_command(
                    context, [*context._protected_args, *context.args]
                )
                assert below is not None
                assert name is not None
                command, context = below, below.make_context(name, rest, parent=context)
                meant += command is COMMANDS[path]
            meant += not path
    assert meant


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_shows_the_examples_as_they_are_typed(cli: Cli, path: tuple[str, ...]) -> None:
    shown = cli(*path, "--help").stdout
    assert max(map(len, shown.splitlines())) <= 80
    assert "\n  Examples:\n" in shown
    assert all(line in shown for line in section(COMMANDS[path]))
