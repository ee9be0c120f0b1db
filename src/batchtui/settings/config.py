"""`config.toml` as one frozen struct, with where each value came from, and changes written back.

Options win over the environment, the environment over the file, the file over the defaults.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from batchtui.domain.errors import ConfigError, StorageError
from batchtui.domain.text import safe_line
from batchtui.settings.schema import LONGEST_INTERVAL, Settings

FILE_NAME = "config.toml"


class Origin(StrEnum):
    """Where a value came from."""

    DEFAULT = "default"
    FILE = "config.toml"
    ENVIRONMENT = "environment"
    OPTION = "option"


class Loaded(msgspec.Struct, frozen=True):
    """The settings in force, and the origin of each by its name."""

    settings: Settings
    origins: Mapping[str, Origin]


# What a value of the file gives way to. The SDK reads these variables itself, and in its own
# order, so they are not copied here: the setting is left out, which makes it look.
_GIVES_WAY_TO = {
    "profile": (
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_AUTH_TOKEN",
        "ANTHROPIC_PROFILE",
        "ANTHROPIC_FEDERATION_RULE_ID",
    ),
    "base_url": ("ANTHROPIC_BASE_URL",),
    "workspace": ("ANTHROPIC_WORKSPACE_ID",),
}

_EXPECTED = {
    "interval": f"a number of seconds from 0 to {LONGEST_INTERVAL}",
    "mouse": "true or false",
    "read_only": "true or false",
    "auto_fetch": "true or false",
    "animation": '"auto" or "none"',
    "columns": "a list of names of columns",
    "cache_limit": "a number of bytes",
    "accounts": "a table of accounts",
    "notify": "a table",
    "hooks": "a table of programs with their arguments",
    "tabs": 'a table of name = "filter"',
    "keys": 'a table of command = "key"',
    "prices": "a table of models",
}
_TEXT = "text in quotes"

_TABLE = re.compile(r"^[ \t]*\[", re.MULTILINE)
_VALUE = r"[^\n]*?(?P<comment>[ \t]+#[^\n\"']*)?"


def load(
    directory: Path,
    overrides: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Loaded:
    """Read the settings; without a file they are the defaults.

    Args:
        directory: the config directory.
        overrides: values given as options, by field name; None stands for "not given".
        environ: the environment; see `_GIVES_WAY_TO` for what of it counts.

    Raises:
        ConfigError: if the file cannot be read or makes no sense; names the line or the key.
    """
    values = _read(directory / FILE_NAME)
    settings = _validated(values)
    origins = dict.fromkeys(Settings.__struct_fields__, Origin.DEFAULT)
    origins |= dict.fromkeys(values, Origin.FILE)
    for name, variables in _GIVES_WAY_TO.items():
        if any((environ or {}).get(variable) for variable in variables):
            settings = msgspec.structs.replace(settings, **{name: None})
            origins[name] = Origin.ENVIRONMENT
    given: dict[str, Any] = {
        name: value for name, value in (overrides or {}).items() if value is not None
    }
    origins |= dict.fromkeys(given, Origin.OPTION)
    return Loaded(msgspec.structs.replace(settings, **given), origins)


def update(directory: Path, **values: str | float | bool) -> None:
    """Change some values of the file, making it if need be, and leave the rest as it is.

    Only the lines concerned are rewritten, so that comments and order stay. Where that cannot be
    done (the value spans lines), the file is written anew, without its comments.

    Args:
        directory: the config directory, which exists.
        values: new values by field name.

    Raises:
        ConfigError: if the file makes no sense now, or would not with these values.
        StorageError: if it cannot be written.
    """
    path = directory / FILE_NAME
    wanted = _read(path) | values
    _validated(wanted)
    text = path.read_text("utf-8") if path.exists() else ""
    for name, value in values.items():
        text = _with_line(text, name, value)
    if not _says(text, wanted):
        import tomli_w

        text = tomli_w.dumps(wanted)
    # A config file kept elsewhere and linked to from here is changed where it is kept.
    _write(path.resolve(), text)


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):  # the latter is told of where it is written
        return {}
    except UnicodeDecodeError:
        raise ConfigError(f"{FILE_NAME} is not UTF-8 text", todo=_where(path)) from None
    except OSError as error:
        raise ConfigError(
            f"{FILE_NAME} cannot be read: {error.strerror}", todo=_where(path)
        ) from None
    # Imported when needed: most have no file.
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        problem = safe_line(str(error), 200)
        raise ConfigError(f"{FILE_NAME} is not valid TOML: {problem}", todo=_where(path)) from None


def _where(path: Path) -> str:
    return f"It is {safe_line(str(path))}"


def _validated(values: Mapping[str, object]) -> Settings:
    for name in values:
        if name not in Settings.__struct_fields__:
            raise unknown_key(name, name, Settings.__struct_fields__)
    try:
        settings = msgspec.convert(values, Settings)
    except msgspec.ValidationError as error:
        found = re.search(r"\$\.(\w+)", str(error))
        name = found[1] if found else "?"
        raise ConfigError(f'{FILE_NAME}: "{name}" must be {_EXPECTED.get(name, _TEXT)}') from None

    if settings.prices:
        from batchtui.settings.prices import load_prices

        load_prices(settings)
    return settings


def unknown_key(shown: str, name: str, known: Sequence[str]) -> ConfigError:
    """The error for a key `name` that is not among those known there; `shown` says where it is."""
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=1)
    hint = f'Did you mean "{close[0]}"?' if close else f"Known are {', '.join(known)}"
    return ConfigError(f'{FILE_NAME} has an unknown key "{safe_line(shown, 60)}"', todo=hint)


def _with_line(text: str, name: str, value: object) -> str:
    """The text with the line of a top-level key changed, or put before the first table."""
    import tomli_w

    line = tomli_w.dumps({name: value}).rstrip("\n")
    table = _TABLE.search(text)
    end = table.start() if table else len(text)
    head, tail = text[:end], text[end:]
    if found := re.search(rf"^[ \t]*{re.escape(name)}[ \t]*={_VALUE}$", head, re.MULTILINE):
        return head[: found.start()] + line + (found["comment"] or "") + text[found.end() :]
    gap = "\n" if head and not head.endswith("\n") else ""
    return f"{head}{gap}{line}\n{tail}"


def _says(text: str, wanted: Mapping[str, object]) -> bool:
    import tomllib

    try:
        return tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        return False


def _write(path: Path, text: str) -> None:
    """Put the whole text in place, or nothing."""
    import tempfile

    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise StorageError(f"{FILE_NAME} cannot be written: {error.strerror}") from None
