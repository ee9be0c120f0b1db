"""Owns stderr and the exit codes: every failure leaves as a sentence, never with a secret in it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Self

import click

from batchtui.cli.terminal import can_rewrite, point_nowhere, write_error
from batchtui.domain.errors import BatchtuiError, StorageError, UsageError
from batchtui.domain.text import crop, safe_line, safe_text
from batchtui.settings.secrets import scrub

DONE = 0
FAILED = 1
USAGE = 2
UNSUCCESSFUL = 3
"""What was waited for has ended, but some of it did not succeed."""

TIMED_OUT = 5
"""The time there was to wait is up."""

INTERRUPTED = 130

DEBUG = "BATCHTUI_DEBUG"
"""Set, it shows where an unexpected failure came from."""

_LONGEST = 4000
_ESCAPED_BYTES = re.compile("[\udc80-\udcff]")
"""What Python makes of bytes of the system that are no text (PEP 383)."""


def say(text: str) -> None:
    """Tell the person something on stderr, in one line or several."""
    write_error(f"{safe_text(scrub(text))}\n")


def ask(question: str) -> str:
    """Ask the person something on the terminal; returns the line typed, "" at its end."""
    sys.stderr.write(safe_text(question))
    sys.stderr.flush()
    return sys.stdin.readline()


def agreed(question: str) -> bool:
    """Ask for a yes or a no; anything but a yes is a no."""
    return ask(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def require_person() -> None:
    """Look whether there is a person at a terminal to answer.

    Raises:
        UsageError: if there is none.
    """
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty()):
        raise UsageError(
            "There is no terminal to ask whether this is meant", todo="Add --yes if it is"
        )


def report(error: BatchtuiError, *, about: str = "") -> int:
    """Say what went wrong, and with which batch; returns the exit code it asks for.

    What is wrong with one batch of several is never the usage: their names were found good before.
    """
    say(f"{safe_line(about)}: {error}" if about else f"Error: {error}")
    return FAILED if about and error.exit_code == USAGE else error.exit_code


class Progress:
    """One line on stderr that is rewritten and in the end taken away, where that can be done."""

    def __init__(self) -> None:
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def show(self, text: str) -> None:
        """Show this now."""
        self._rewrite(crop(safe_line(text), 78))

    def clear(self) -> None:
        """Take it away for now, to say something else."""
        self._rewrite("")

    def _rewrite(self, line: str) -> None:
        if not can_rewrite(sys.stderr) or not (line or self._shown):
            return
        self._shown = bool(line)
        write_error(f"\r\x1b[K{line}")


def guarded(call: Callable[[], object]) -> int:
    """Run a command; whatever happens becomes a sentence and an exit code.

    Args:
        call: returns the exit code, or None for 0.
    """
    try:
        code = call()
    except (click.Abort, KeyboardInterrupt):
        say("Interrupted.")
        return INTERRUPTED
    except click.ClickException as error:
        _explain(error)
        return error.exit_code
    except BatchtuiError as error:
        return report(error)
    except SystemExit:
        # What click does when the reader of a help text has gone, which is no failure.
        return DONE
    except UnicodeEncodeError as error:
        if not _ESCAPED_BYTES.search(error.object):
            _confess(error)
            return FAILED
        say(
            "Error: What has to be text holds bytes that are no UTF-8: on the command line, in the"
            " name of a file, or in the environment."
        )
        return USAGE
    except OSError as error:
        if not _of_click(error):
            _confess(error)
            return FAILED
        # It could not print a help text, and the rest of that must not fail once more at the end.
        point_nowhere(sys.stdout)
        return report(StorageError(f"The output cannot be written: {error.strerror}"))
    except Exception as error:
        _confess(error)
        return FAILED
    return code if isinstance(code, int) else DONE


def _explain(error: click.ClickException) -> None:
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None:
        say(f"{context.get_usage()}\nTry '{context.command_path} --help'.\n")
    say(f"Error: {error.format_message()[:_LONGEST]}")


def _confess(error: Exception) -> None:
    """Admit a fault of our own. Its message may hold anything, so only its kind and place count."""
    if os.environ.get(DEBUG):
        import traceback

        say("".join(traceback.format_exception(error)))
    say(
        f"Error: batchtui met a fault of its own ({type(error).__name__} at {_place(error)})."
        " What was stored is kept."
        f" Please report it to the project, with what `{DEBUG}=1` shows and `batchtui --version`."
    )


def _of_click(error: Exception) -> bool:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_globals.get("__name__", "").startswith("click.")


def _place(error: Exception) -> str:
    """The innermost line of ours that the error went through."""
    place = "an unknown place"
    trace = error.__traceback__
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if "batchtui" in path.parts:
            place = f"{path.parent.name}/{path.name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
