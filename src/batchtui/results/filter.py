"""Which lines of a result file are listed, as a value and in words.

The words, all of which must hold:

- a type of the API, or `unreadable`; any other as `type:WORD`
- `stop:WORD`, `error:WORD`, `model:WORD`, `shape:WORD`: the name, or else a part of names
- `in` or `out`, one of `> >= < <= =`, and a number of tokens (`out>1.5k`)
- anything else: a part of the custom_id, in any case unless it has capitals

Of several words of one kind (types, `stop:` ...) one must hold. `!` before a word turns it round.
In double quotes blanks are part of a word, and a double quote is doubled; a word that begins with
one is part of the custom_id, whatever it looks like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from batchtui.domain.result import CANCELED, ERRORED, EXPIRED, SUCCEEDED, UNREADABLE

_TYPES: Final = (SUCCEEDED, ERRORED, CANCELED, EXPIRED, UNREADABLE)
_SETS: Final = {
    "type": "types",
    "stop": "stop_reasons",
    "error": "error_types",
    "model": "models",
    "shape": "shapes",
}
_RANGES: Final = {"in": "input_tokens", "out": "output_tokens"}
_UNITS: Final = {"": 1, "k": 1000, "m": 1_000_000}
_MOST: Final = 10**14
"""More tokens than any line has; larger numbers mean as much, and can be read again."""

_QUOTED = r'"(?:[^"]|"")*"?'
_TOKEN: Final = re.compile(rf"!*(?:(?:{'|'.join(_SETS)}):)?{_QUOTED}|\S+", re.IGNORECASE)
_NAMED: Final = re.compile(rf"({'|'.join(_SETS)}):(.*)", re.IGNORECASE | re.DOTALL)
_COMPARED: Final = re.compile(
    rf"({'|'.join(_RANGES)})([<>]=?|=)(?:(\d[\d_,]{{0,14}}(?:\.\d{{1,9}})?)([km]?))?",
    re.IGNORECASE,
)
_NOTHING: Final[frozenset[str]] = frozenset()


class Range(msgspec.Struct, frozen=True):
    """Numbers from `least` to `most`, both included; None is no bound."""

    least: int | None = None
    most: int | None = None

    def __bool__(self) -> bool:
        return self.least is not None or self.most is not None

    def __and__(self, other: Range) -> Range:
        """The numbers in both."""
        least = [bound for bound in (self.least, other.least) if bound is not None]
        most = [bound for bound in (self.most, other.most) if bound is not None]
        return Range(max(least, default=None), min(most, default=None))


class Filter(msgspec.Struct, frozen=True):
    """What lines must be like; nothing is asked where a set, range or text is empty.

    Attributes:
        types: one of which the line must be; a name that no line of the file has stands for all
            names that contain it, in any case. So it is with the next four.
        stop_reasons: likewise.
        error_types: likewise.
        models: likewise.
        shapes: of error messages, or reasons why lines are unreadable; likewise.
        input_tokens: the length of the prompt; only succeeded lines have tokens.
        output_tokens: likewise.
        custom_id: parts of it, with blanks between them.
        without: filters that must not hold.
    """

    types: frozenset[str] = _NOTHING
    stop_reasons: frozenset[str] = _NOTHING
    error_types: frozenset[str] = _NOTHING
    models: frozenset[str] = _NOTHING
    shapes: frozenset[str] = _NOTHING
    input_tokens: Range = Range()
    output_tokens: Range = Range()
    custom_id: str = ""
    without: tuple[Filter, ...] = ()

    def __bool__(self) -> bool:
        return self != EVERYTHING

    def __and__(self, other: Filter) -> Filter:
        """One filter for the words of both; names of one kind come together."""
        return Filter(
            **{field: getattr(self, field) | getattr(other, field) for field in _SETS.values()},
            **{field: getattr(self, field) & getattr(other, field) for field in _RANGES.values()},
            custom_id=f"{self.custom_id} {other.custom_id}".strip(),
            without=tuple(dict.fromkeys((*self.without, *other.without))),
        )

    @classmethod
    def parse(cls, text: str) -> Filter:
        """Read a filter as typed.

        Every text is one: nothing is asked yet of what is only half typed (`stop:`, `out>`).
        """
        found = EVERYTHING
        for token in _TOKEN.findall(text):
            word = token.lstrip("!")
            asked = _read(word)
            found &= cls(without=(asked,)) if asked and word != token else asked
        return found

    @property
    def words(self) -> str:
        """The filter as typed; `parse` makes the same of it."""
        return " ".join((*self._names(), *self._bounds(), *self._parts(), *self._turned()))

    def _names(self) -> Iterator[str]:
        for name, field in _SETS.items():
            for value in sorted(getattr(self, field)):
                bare = name == "type" and value in _TYPES
                yield value if bare else f"{name}:{_quoted(value)}"

    def _bounds(self) -> Iterator[str]:
        for name, field in _RANGES.items():
            least, most = getattr(self, field).least, getattr(self, field).most
            if least is not None and least == most:
                yield f"{name}={least}"
                continue
            if least is not None:
                yield f"{name}>={least}"
            if most is not None:
                yield f"{name}<={most}" if most >= 0 else f"{name}<0"

    def _parts(self) -> Iterator[str]:
        for part in self.custom_id.split():
            plain = part[0] not in '!"' and _read(part) == Filter(custom_id=part)
            yield part if plain else _in_quotes(part)

    def _turned(self) -> Iterator[str]:
        for each in self.without:
            yield "!" + (_in_quotes(each.custom_id) if each.custom_id else each.words)


EVERYTHING: Final = Filter()
"""Lets all lines through."""


def _read(word: str) -> Filter:
    """What one word asks for."""
    if word.startswith('"'):
        return Filter(custom_id=" ".join(_unquoted(word).split()))
    if word.lower() in _TYPES:
        return Filter(types=frozenset({word.lower()}))
    if named := _NAMED.fullmatch(word):
        name, value = named[1].lower(), named[2]
        return _asking(_SETS[name], frozenset({_unquoted(value)})) if value else EVERYTHING
    if compared := _COMPARED.fullmatch(word):
        name, sign, number, unit = compared.groups()
        bounds = _range(sign, _number(number, unit)) if number else Range()
        return _asking(_RANGES[name.lower()], bounds)
    return Filter(custom_id=word)


def _asking(field: str, value: frozenset[str] | Range) -> Filter:
    return msgspec.structs.replace(EVERYTHING, **{field: value})


def _number(digits: str, unit: str) -> int:
    whole, _, fraction = re.sub("[_,]", "", digits).partition(".")
    places: int = 10 ** len(fraction)
    return min(int(whole + fraction) * _UNITS[unit.lower()] // places, _MOST)


def _range(sign: str, number: int) -> Range:
    match sign:
        case ">":
            return Range(least=min(number + 1, _MOST))
        case ">=":
            return Range(least=number)
        case "<":
            return Range(most=number - 1)
        case "<=":
            return Range(most=number)
    return Range(number, number)


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    ended = len(value) > 1 and re.fullmatch(r'"(?:[^"]|"")*"', value)
    return value[1 : -1 if ended else None].replace('""', '"')


def _quoted(value: str) -> str:
    plain = value and not value.startswith('"') and not re.search(r"\s", value)
    return value if plain else _in_quotes(value)


def _in_quotes(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
