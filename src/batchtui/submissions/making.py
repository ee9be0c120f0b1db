"""Makes requests of the rows of a table, and gathers what is wrong with them."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

from batchtui.domain.errors import UsageError
from batchtui.domain.request_rules import LONGEST_ID
from batchtui.domain.text import count, crop_middle, safe_line
from batchtui.submissions.settings import Settings
from batchtui.submissions.table import Row
from batchtui.submissions.template import BRACES, Template
from batchtui.submissions.unique import Seen

_NOT_IN_IDS = re.compile(r"[^a-zA-Z0-9_-]")

_NO_VALUE: Final = "there is no value for"
_MOST_PROBLEMS: Final = 10
"""So many things that are wrong with rows are told."""

_MOST_SUSPECTS: Final = 10_000
"""So many ids that are there twice are told apart."""

_NAMED: Final = 5
"""So many lines are named of those with which the same is wrong."""


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """How a row becomes a request.

    Attributes:
        prompt: what the user says.
        system: the system prompt; None for none.
        id_column: the column whose values become custom_ids; None for "row-1" and so on.
        model: likewise for all requests, as with the next two.
        settings: further params.
        allow_empty: whether a value may be missing or empty.
    """

    prompt: Template
    model: str
    max_tokens: int
    system: Template | None = None
    id_column: str | None = None
    settings: Settings = {}
    allow_empty: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it needs, each once."""
        templates = (self.prompt, self.system) if self.system else (self.prompt,)
        needed = [column for each in templates for column in each.columns]
        return tuple(dict.fromkeys([*needed, *([self.id_column] if self.id_column else [])]))

    def require(self, columns: Iterable[str]) -> None:
        """Look whether a table has what is needed.

        Raises:
            UsageError: if a column is not in it, or twice.
        """
        there = list(columns)
        for column in self.columns:
            if there.count(column) > 1:
                raise UsageError(f"There are several columns {_quoted(column)} in the data")
            if column not in there:
                names = ", ".join(map(_quoted, there[:20])) or "none at all"
                todo = f"There are {names}. {BRACES}" if there else BRACES
                raise UsageError(f"There is no column {_quoted(column)} in the data", todo=todo)


class Maker:
    """Makes requests of rows, and gathers what is wrong with them.

    Args:
        recipe: how.

    Attributes:
        recipe: how.
        requests: how many were made.
        changed_ids: how many ids had to be made to fit, and one of them as it was and as it is.
    """

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        fixed = {"model": recipe.model, "max_tokens": recipe.max_tokens, **recipe.settings}
        self._fixed: Mapping[str, object] = fixed
        self._needed = tuple(column for column in recipe.columns if column != recipe.id_column)
        self._ids = _Ids()
        self._problems: dict[str, _Problem] = {}
        self._rows = 0
        self.requests = 0
        self.changed_ids = 0
        self.changed_id = ("", "")

    def lines(self, rows: Iterable[Row]) -> Iterator[bytes]:
        """The request of each row that is good, as a line with its line break."""
        encode = msgspec.json.Encoder().encode
        for row in rows:
            self._rows += 1
            try:
                request = self._request(row)
            except _RowError as refused:
                self._note(str(refused), row.number)
            else:
                self.requests += 1
                yield encode(request) + b"\n"

    def check(self) -> None:
        """Look whether all was well.

        Raises:
            UsageError: if a row made no request, or there was none; names the lines.
        """
        for line in self._ids.repeated():
            self._note("the id is that of an earlier line, or made to fit the same", line)
        if self._problems:
            sentences = [f"{each.where} {what}" for what, each in self._problems.items()]
            more = "; and more is wrong" if len(sentences) == _MOST_PROBLEMS else ""
            raise UsageError(
                "; ".join(sentences) + more,
                kept="Nothing was written",
                todo="--allow-empty leaves empty what has no value"
                if any(_NO_VALUE in each for each in self._problems)
                else "",
            )
        if not self.requests:
            raise UsageError("There are no rows in the data")

    def _request(self, row: Row) -> Mapping[str, object]:
        recipe, values = self.recipe, row.values
        if row.problem:
            raise _RowError(row.problem)
        empty = [column for column in self._needed if not values.get(column)]
        if empty and not recipe.allow_empty:
            raise _RowError(f"{_NO_VALUE} {_quoted(empty[0])}")
        values = {**values, **dict.fromkeys(empty, "")}
        prompt = recipe.prompt.fill(values)
        if not prompt.strip():
            raise _RowError("the prompt comes out empty")
        system = {"system": recipe.system.fill(values)} if recipe.system else {}
        messages = [{"role": "user", "content": prompt}]
        return {
            "custom_id": self._custom_id(values, row.number),
            "params": {**self._fixed, **system, "messages": messages},
        }

    def _custom_id(self, values: Mapping[str, str], line: int) -> str:
        if self.recipe.id_column is None:
            return f"row-{self._rows}"
        given = values.get(self.recipe.id_column, "").strip()
        custom_id = _NOT_IN_IDS.sub("_", given)
        if not custom_id:
            raise _RowError("the id is empty")
        if len(custom_id) > LONGEST_ID:
            raise _RowError(f"the id has more than {LONGEST_ID} characters")
        self._ids.add(custom_id, line)
        if custom_id != given:
            self.changed_id = self.changed_id if self.changed_ids else (given, custom_id)
            self.changed_ids += 1
        return custom_id

    def _note(self, why: str, line: int) -> None:
        if why in self._problems or len(self._problems) < _MOST_PROBLEMS:
            problem = self._problems.setdefault(why, _Problem())
            problem.lines += 1
            if len(problem.first) < _NAMED:
                problem.first.append(line)


class _Ids:
    """The ids used, with 24 bytes for each: of millions of them there may be no room for more."""

    def __init__(self) -> None:
        self._seen = Seen()
        self._hashes = array("q")
        self._lines = array("Q")

    def add(self, custom_id: str, line: int) -> None:
        """Remember one."""
        self._seen.add((custom_id,))
        self._hashes.append(hash(custom_id))
        self._lines.append(line)

    def repeated(self) -> Iterator[int]:
        """The lines whose id an earlier line has; of very many only some."""
        suspects, _ = self._seen.repeated(_MOST_SUSPECTS)
        if not suspects:
            return
        met: set[int] = set()
        for key, line in zip(self._hashes, self._lines, strict=True):
            if key in met:
                yield line
            elif key in suspects:
                met.add(key)


class _RowError(Exception):
    """Why a row makes no request."""


class _Problem:
    """What is wrong in the same way with several lines: how many, and the first of them."""

    def __init__(self) -> None:
        self.lines = 0
        self.first: list[int] = []

    @property
    def where(self) -> str:
        named = ", ".join(map(count, self.first))
        more = self.lines - len(self.first)
        also = f" and {count(more)} more" if more else ""
        return f"In line{'' if self.lines == 1 else 's'} {named}{also}"


def _quoted(name: str) -> str:
    return f'"{crop_middle(safe_line(name), 60)}"'
