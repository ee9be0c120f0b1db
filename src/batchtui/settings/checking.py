"""The values of `config.toml` against the schema: what of them holds, and every fault of the rest.

A bad value is left out and the rest holds. Of an account nothing holds then: half of one could
send a key to the wrong server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from batchtui.domain.errors import BatchtuiError, UsageError
from batchtui.domain.text import safe_line
from batchtui.settings.faults import Fault, FaultError, unknown_key
from batchtui.settings.fields import Field, fields_of
from batchtui.settings.schema import AccountTable, Settings
from batchtui.settings.secrets import looks_secret, redacted

Path: TypeAlias = tuple[str, ...]

_PLACE = re.compile(r" \(at line (\d+), (column \d+)\)")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ACTS_ON = ("account", "accounts", "profile", "base_url", "workspace", "read_only")
"""What decides where something is changed, and whether anything may be."""

_SECRET_TODO = (
    "Put the key into an environment variable and its name into key_env, or let key_command print"
    " it; and give that key up, as it was written to a disk"
)


def check(
    text: str, environ: Mapping[str, str] | None = None
) -> tuple[dict[str, Any], tuple[Fault, ...]]:
    """The values that hold of the text of the file, and what is wrong with it, by line.

    Args:
        text: of the file.
        environ: the environment, which says what profiles there are, for an account may be one;
            None to take any name for that of an account.
    """
    if not text.strip():  # most have no file, and need no parser
        return {}, ()
    try:
        values = parse(text)
    except FaultError as error:
        return {}, (error.fault,)
    faults: list[Fault] = []
    good = _table((), Settings, values, faults)
    if "account" in good and (fault := _no_account(values, good, environ)):
        del good["account"]
        faults.append(fault)
    faults += [inner for each in faults for inner in _within(each.path, values)]
    return good, by_line(text, faults)


def faults_of(text: str, environ: Mapping[str, str] | None = None) -> tuple[Fault, ...]:
    """What is wrong with the text of the file, by line; see `check`."""
    return check(text, environ)[1]


def parse(text: str) -> dict[str, Any]:
    """The values of the text of the file, whether they make sense or not.

    Raises:
        FaultError: if it is not TOML.
    """
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        why = redacted(safe_line(str(error), 200))
        place = _PLACE.search(why)
        words = f"not valid TOML: {_PLACE.sub('', why)}"
        if place is None:
            raise FaultError(Fault((), words)) from None
        fault = Fault((), f"{words} ({place[2]})", line=int(place[1]))
        raise FaultError(fault) from None
    except (ValueError, RecursionError):  # numbers and nesting without end
        raise FaultError(Fault((), "not valid TOML: too long a number, or too deep")) from None


def endangers(fault: Fault) -> bool:
    """Whether batchtui may now be about to act where, or when, the person did not want it to."""
    # The last part, too: what is written below the header of a table is in that table.
    parts = {*fault.path[:1], *fault.path[-1:]}
    return not parts or any(map(_may_say_where, parts))


def _may_say_where(name: str) -> bool:
    """Whether it is the name, or a misspelt one, of what decides where something is changed."""
    from difflib import get_close_matches

    return bool(get_close_matches(name.casefold(), _ACTS_ON, n=1))


def by_line(text: str, faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """The faults with their lines, in the order of these."""
    if not faults:
        return ()
    from batchtui.settings.lines import line_of, statements

    among = list(statements(text))
    placed = [msgspec.structs.replace(each, line=line_of(each.path, among)) for each in faults]
    return tuple(sorted(placed, key=lambda each: each.line or 0))


def _no_account(
    values: Mapping[str, Any], good: Mapping[str, Any], environ: Mapping[str, str] | None
) -> Fault | None:
    """What is wrong with the account to begin with; None if nothing is."""
    name, named = good["account"], good.get("accounts", {})
    if name in named:
        return None
    given = values.get("accounts")
    if isinstance(given, Mapping) and name in given:
        return Fault(("account",), "names an account that is not right itself")
    if environ is None:
        return None
    from batchtui.settings.accounts import find

    try:
        find(name, Settings(), environ)
    except BatchtuiError as error:
        return Fault(("account",), "names no account there is", error.todo)
    return None


def _within(path: Path, values: Mapping[str, Any]) -> Iterator[Fault]:
    """What stands in a table of which nothing holds, and says where to act, or whether."""
    found: Any = values
    for part in path:
        found = found.get(part) if isinstance(found, Mapping) else None
    tables = found if isinstance(found, list) else [found]
    for table in tables:
        for name in table if isinstance(table, Mapping) and path[0] != "accounts" else ():
            if _may_say_where(name):
                yield Fault((*path, name), "does not hold where it stands")


def _table(
    path: Path, kind: type[msgspec.Struct], values: Mapping[str, object], faults: list[Fault]
) -> dict[str, Any]:
    """What holds of the values of a table; faults are added."""
    known = fields_of(kind)
    good = {}
    for name, value in values.items():
        here = (*path, name)
        if name not in known:
            faults.append(_unknown(here, known))
            continue
        try:
            good[name] = _value(here, known[name], value, faults)
        except FaultError as error:
            faults.append(error.fault)
    return good


def _value(path: Path, field: Field, value: object, faults: list[Fault]) -> Any:
    """The value as it holds; what is wrong within it is added to the faults.

    Raises:
        FaultError: if nothing of it holds.
    """
    if field.table or field.entry:
        if not isinstance(value, Mapping):
            raise FaultError(Fault(path, f"must be {field.expected}"))
        if field.table:
            return _table(path, field.table, value, faults)
        return _entries(path, field, value, faults)
    if _holds_secret(value):
        raise FaultError(
            Fault(
                path,
                "holds what looks like an API key or a password, which has no place in this file",
                _SECRET_TODO,
            )
        )
    try:
        found = field.convert(value)
    except (msgspec.ValidationError, ValueError):
        raise FaultError(Fault(path, f"must be {field.expected}", _hint(path, value))) from None
    if path[-1] == "base_url":
        _check_address(path, found)
    return found


def _entries(
    path: Path, field: Field, values: Mapping[str, object], faults: list[Fault]
) -> dict[str, Any]:
    entry = field.entry
    assert entry is not None
    good = {}
    for name, value in values.items():
        here = (*path, name)
        inside: list[Fault] = []
        try:
            found = _value(here, entry, value, inside)
            if looks_secret(name):
                raise FaultError(_secret_name(here))
            if entry.table is AccountTable:
                inside += _account(here, found)
            elif path == ("prices",):
                _check_prices(name, found)
        except FaultError as error:
            inside.append(error.fault)
        if not inside:
            good[name] = found
        faults += inside
    return good


def _account(path: Path, given: Mapping[str, Any]) -> Iterator[Fault]:
    """What is wrong with an account whose values are each right for themselves."""
    if not safe_line(path[-1]).strip():
        yield Fault(path, "has no name", "What destroys says where, and that would be nowhere")
    variable, command = given.get("key_env"), given.get("key_command")
    if variable is not None and not _VARIABLE.fullmatch(variable):
        yield Fault(
            (*path, "key_env"),
            "must be the name of an environment variable",
            "The key itself has no place in this file",
        )
    if command is not None and not (command and command[0].strip()):
        yield Fault((*path, "key_command"), "must be a program and its arguments")
    if variable is not None and command is not None:
        yield Fault((*path, "key_command"), "stands beside key_env, but there is one key")


def _check_prices(model: str, given: object) -> None:
    from batchtui.settings.prices import load_prices

    load_prices(Settings(prices={model: given}))


def _check_address(path: Path, address: str) -> None:
    from batchtui.settings.credentials import identify

    try:
        identify({}, base_url=address, api_key="none")
    except UsageError as error:
        raise FaultError(Fault(path, f"makes no sense: {error.what}")) from None


def _holds_secret(value: object) -> bool:
    if isinstance(value, str):
        return looks_secret(value)
    if isinstance(value, Mapping):
        return any(looks_secret(key) or _holds_secret(each) for key, each in value.items())
    return isinstance(value, list) and any(map(_holds_secret, value))


def _unknown(path: Path, known: Mapping[str, Field]) -> Fault:
    if looks_secret(path[-1]):
        return _secret_name(path)
    if len(path) > 1 and path[-1] in fields_of(Settings):
        return Fault(path, "is an unknown key", "What is in no table stands above the first one")
    return unknown_key(path, known)


def _secret_name(path: Path) -> Fault:
    return Fault(path, "looks like an API key, which has no place in this file", _SECRET_TODO)


def _hint(path: Path, value: object) -> str:
    if path[0] == "keys" and isinstance(value, Mapping):
        return f'Put quotes around a name with dots, as in keys."{path[-1]}.{next(iter(value))}"'
    return ""
