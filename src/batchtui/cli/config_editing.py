"""Has a person edit a copy of `config.toml`, which takes its place only if it is right."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from batchtui.cli import diagnostics
from batchtui.cli.config_checking import every_fault
from batchtui.domain.errors import BatchtuiError, StorageError, UsageError
from batchtui.domain.text import safe_line
from batchtui.settings.faults import FILE_NAME, Fault, FaultError
from batchtui.settings.file import alone, read, read_text, write
from batchtui.settings.reference import blank_file


def edit_config(directory: Path, environ: Mapping[str, str]) -> int:
    """Edit the file of this directory, which exists, until it is right or given up.

    Returns:
        The exit code.

    Raises:
        UsageError: if there is no editor.
        BatchtuiError: if it failed.
        StorageError: if a file cannot be written.
    """
    before = read(directory)
    begun = before or blank_file()
    copy = _copy(directory, begun)
    code = diagnostics.FAILED
    try:
        code = _edit(directory, copy, before, environ)
    finally:
        if code == diagnostics.DONE or _written(copy) in (None, begun.encode()):
            copy.unlink(missing_ok=True)
        else:
            where = safe_line(str(copy))
            diagnostics.say(f"{FILE_NAME} is as it was. What you wrote is in {where}")
    return code


def _edit(directory: Path, copy: Path, before: str, environ: Mapping[str, str]) -> int:
    begun = _written(copy)
    while True:
        _run_editor(copy, environ)
        text = _written(copy)
        if text in (None, begun):
            diagnostics.say("Nothing was changed.")
            return diagnostics.DONE
        faults = _faults(copy, environ)
        if not faults:
            return _put_in_place(directory, before, read_text(copy))
        diagnostics.say("\n".join(map(str, faults)))
        if not _again():
            return diagnostics.USAGE


def _written(copy: Path) -> bytes | None:
    """What the copy holds; None if the editor took it away."""
    try:
        return copy.read_bytes()
    except OSError:
        return None


def _faults(copy: Path, environ: Mapping[str, str]) -> tuple[Fault, ...]:
    try:
        return every_fault(read_text(copy), environ)
    except FaultError as error:
        return (error.fault,)


def _put_in_place(directory: Path, before: str, text: str) -> int:
    with alone(directory):
        if read(directory) != before:
            diagnostics.say(f"{FILE_NAME} was changed by somebody else meanwhile.")
            return diagnostics.FAILED
        write(directory, text)
    return diagnostics.DONE


def _again() -> bool:
    """Ask whether to go on; where there is nobody to ask, that is a no, as is the end of input."""
    try:
        diagnostics.require_person()
    except UsageError:
        return False
    answer = diagnostics.ask("Edit it again? [Y/n] ")
    return bool(answer) and answer.strip().lower() in ("", "y", "yes")


def _copy(directory: Path, text: str) -> Path:
    try:
        handle, name = tempfile.mkstemp(dir=directory, prefix="config-", suffix=".toml")
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        raise StorageError(
            f"There can be no copy of {FILE_NAME} to edit: {error.strerror}"
        ) from None
    return Path(name)


def _run_editor(copy: Path, environ: Mapping[str, str]) -> None:
    windows = os.name == "nt"
    wanted = environ.get("VISUAL") or environ.get("EDITOR") or ("notepad" if windows else "vi")
    # Ctrl+C is the editor's. A handler, unlike "ignore", is not handed down to it.
    ours = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        done = subprocess.run([*shlex.split(wanted, posix=not windows), copy], check=False)
    except (OSError, ValueError):
        raise UsageError(
            f'The editor "{safe_line(wanted, 100)}" cannot be run', todo="Set VISUAL or EDITOR"
        ) from None
    finally:
        signal.signal(signal.SIGINT, ours)
    if done.returncode:
        raise BatchtuiError(f"The editor failed (code {done.returncode})")
