"""Changes to `config.toml` that leave comments, order and everything else in it as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import msgspec

from batchtui.domain.errors import ConfigError
from batchtui.settings.checking import faults_of, parse
from batchtui.settings.faults import FILE_NAME, Fault, FaultError, dotted
from batchtui.settings.file import alone, read, write
from batchtui.settings.lines import statements

UNSET: Final = None
"""Takes a key out of the file: TOML has no value for nothing."""

_TABS = "tabs"


def change(
    directory: Path,
    values: Mapping[tuple[str, ...], object],
    examine: Callable[[str], Sequence[Fault]] = faults_of,
) -> tuple[Fault, ...]:
    """Change some values of the file, making it if need be.

    Args:
        directory: the config directory, which exists.
        values: new values by the path of their key; `UNSET` takes a key out.
        examine: finds what is wrong in the text of the file.

    Returns:
        What is wrong in the file besides, and was before.

    Raises:
        FaultError: if the file is not TOML, or these values make no sense; nothing is written.
        StorageError: if it cannot be written.
    """
    with alone(directory):
        text = read(directory)
        new = changed(text, values)
        _require_text(new, values)
        faults = _no_worse(examine(text), examine(new))
        if new != text:
            write(directory, new)
    return faults


def update(directory: Path, **values: str | float | bool) -> None:
    """Change some settings that stand in no table; see `change`."""
    change(directory, {(name,): value for name, value in values.items()})


def save_tabs(directory: Path, before: Mapping[str, str] | None, after: Mapping[str, str]) -> None:
    """Have these tabs from now on.

    Where tabs were only added, changed or removed, the others keep their lines and comments; to
    put them into another order the table is written anew.

    Args:
        directory: the config directory, which exists.
        before: filters by name as they are in the file; None if it says nothing of them.
        after: as they are to be.

    Raises:
        ConfigError: if the file makes no sense.
        StorageError: if it cannot be written.
    """
    changes: dict[tuple[str, ...], object] = {(_TABS,): dict(after)}
    if before is not None and list(after) == _order_of_changes(before, after):
        changes = {(_TABS, name): UNSET for name in before if name not in after}
        changes |= {(_TABS, name): text for name, text in after.items() if before.get(name) != text}
    change(directory, changes)


def _order_of_changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The order of the tabs if what is not there yet is put at the end."""
    kept = [name for name in before if name in after]
    return [*kept, *(name for name in after if name not in before)]


def _no_worse(before: Sequence[Fault], after: Sequence[Fault]) -> tuple[Fault, ...]:
    """The faults after a change, none of which are of its making.

    Raises:
        FaultError: if one is.
    """
    old = {(each.path, each.words) for each in before}
    new = [each for each in after if (each.path, each.words) not in old]
    if new:
        # The line would be that of a text which was not written.
        raise FaultError(msgspec.structs.replace(new[0], line=None))
    return tuple(after)


def _require_text(text: str, values: Mapping[tuple[str, ...], object]) -> None:
    """Refuse what no file of UTF-8 can hold: the bytes of a command line may be no text.

    Raises:
        FaultError: if there is any.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise FaultError(Fault(next(iter(values)), "must be text in UTF-8")) from None


def changed(text: str, values: Mapping[tuple[str, ...], object]) -> str:
    """The text of the file with these values.

    Raises:
        FaultError: if the text is not TOML.
        ConfigError: if it is written in a way that cannot be changed by a program.
    """
    windows = 0 < text.count("\n") == text.count("\r\n")
    for path, value in values.items():
        before, wanted = parse(text), parse(text)
        _put(wanted, path, value)
        if value is UNSET and wanted == before:
            continue
        if text and value is not UNSET and not text.endswith("\n"):
            text += "\n"  # What is added would follow without a gap.
        text = _first(wanted, _ways(text, path, value), path)
    return text.replace("\r\n", "\n").replace("\n", "\r\n") if windows else text


def _first(wanted: dict[str, Any], ways: Iterator[str], path: Sequence[str]) -> str:
    """The first of some texts that says what is wanted of a key, and of all else.

    Raises:
        ConfigError: if none does.
    """
    _drop_empty(wanted, path)
    for text in ways:
        with suppress(FaultError):
            found = parse(text)
            _drop_empty(found, path)
            if found == wanted:
                return text
    raise _unchangeable(path)


def _unchangeable(path: Sequence[str]) -> ConfigError:
    return ConfigError(
        f"{FILE_NAME} is written in a way in which {dotted(path)} cannot be changed",
        todo="Change it with `batchtui config edit`",
    )


def _drop_empty(values: dict[str, Any], path: Sequence[str]) -> None:
    """Leave out the tables around a key in which there is nothing: they may go with it, or stay."""
    name, *rest = path
    if rest and name in values:
        _drop_empty(values[name], rest)
        if not values[name]:
            del values[name]


def _ways(text: str, path: tuple[str, ...], value: object) -> Iterator[str]:
    """The text with one key changed, in the ways there are; the nicest first.

    Some may say something else: not every way of writing a table can be taken up.
    """
    # Imported when needed: a program that only reads has no use for it.
    import tomlkit

    # It stumbles over some ways in which tables can be written, by errors of any kind.
    with suppress(Exception):
        if len(path) == 1:
            # What is above the first table is changed by itself, to leave to that its comments.
            head, tail = _parted(text)
            if not parse(head):
                # The comments there are say what the file is, and stay first.
                above = f"{head.rstrip()}\n\n" if head.strip() else ""
                below = f"\n{tail}" if tail else ""
                yield f"{above}{tomlkit.dumps({path[0]: value})}{below}"
            document = tomlkit.parse(head)
            _put(document, path, value)
            yield f"{document.as_string()}{tail}"
    with suppress(Exception):
        document = tomlkit.parse(text)
        _put(document, path, value)
        yield document.as_string()
    if len(path) > 1 and value is not UNSET:
        added: dict[str, Any] = {}
        _put(added, path, value)
        yield f"{text.rstrip()}\n\n{tomlkit.dumps(added)}"


def _parted(text: str) -> tuple[str, str]:
    """The text above the first table and the comments right above that, and the rest."""
    header = next((each.line for each in statements(text) if not each.keys), None)
    if header is None:
        return text, ""
    lines = text.split("\n")
    first = header - 1
    while first and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return "".join(f"{line}\n" for line in lines[:first]), "\n".join(lines[first:])


def _put(tables: Any, path: Sequence[str], value: object) -> None:
    """Set or take out one key, in plain values as in a document that remembers its writing.

    Raises:
        ConfigError: if what should be a table around it is none.
    """
    *around, name = path
    for part in around:
        if part not in tables:
            if value is UNSET:
                return
            tables[part] = {}
        tables = tables[part]
        if not isinstance(tables, Mapping):
            raise _unchangeable(path)
    if value is UNSET:
        tables.pop(name, None)
    elif name in tables:
        tables[name] = value
    else:
        with _end_of_keys(tables):
            tables[name] = value


@contextmanager
def _end_of_keys(tables: Any) -> Iterator[None]:
    """Have what is added follow the last key, not the blank lines and comments behind it."""
    from tomlkit.container import Container
    from tomlkit.items import Table

    container = tables.value if isinstance(tables, Table) else tables
    body = container.body if isinstance(container, Container) else []
    rest: list[Any] = []
    while body and body[-1][0] is None:
        rest.insert(0, body.pop())
    yield
    body.extend(rest)
