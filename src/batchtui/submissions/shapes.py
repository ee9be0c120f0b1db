"""The ways in which a request may stand in its line, and how each goes to the API.

Native: `{"custom_id", "params"}`, never rewritten. Plain: what the Messages API is called with,
under an id made of the number of its line unless it has one. OpenAI: `{"custom_id", "method",
"url", "body"}`, translated as far as it means the same, and refused by name where it does not.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from enum import StrEnum

import msgspec

from batchtui.domain.errors import RequestFileError
from batchtui.domain.json_values import object_of, text_of
from batchtui.domain.request import Problem, RequestLine, decode_request
from batchtui.domain.request_rules import MISSING, custom_id_problem, params_problems
from batchtui.domain.text import safe_line
from batchtui.submissions.lines import BLANK
from batchtui.submissions.openai import translate

_MADE = "line-"
_MADE_ID = re.compile(rf"{_MADE}([1-9][0-9]{{0,14}})")
_MALFORMED = re.compile(r"JSON is malformed: ([a-z0-9'\", :]+?) \(byte \d+\)")
_URL = "/v1/chat/completions"
_OWN_URL = "/v1/messages"

_members = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Shape(StrEnum):
    """How a request stands in its line."""

    NATIVE = "native"
    PLAIN = "plain"
    OPENAI = "openai"


class Request(msgspec.Struct, frozen=True):
    """A line taken apart.

    Attributes:
        custom_id: its id if there is a good one, else "".
        shown_id: its id whatever it is; foreign, "" if it is no text.
        params: what the Messages API is to be called with; empty if that cannot be told.
        problems: everything wrong with it.
    """

    shape: Shape
    custom_id: str
    shown_id: str
    params: Mapping[str, object]
    problems: tuple[Problem, ...]

    @property
    def refused(self) -> bool:
        """Whether it cannot be sent."""
        return any(not problem.is_warning for problem in self.problems)


def made_id(number: int) -> str:
    """The custom_id of a request that has none, by the number of its line."""
    return f"{_MADE}{number}"


def line_of(custom_id: str) -> int | None:
    """The number of the line that a custom_id was made for, if it looks like it."""
    found = _MADE_ID.fullmatch(custom_id)
    return int(found[1]) if found else None


def shape_of(names: Collection[str]) -> Shape:
    """The shape of a line whose object has members of these names."""
    if "params" in names:
        return Shape.NATIVE
    if "body" in names or "method" in names or "url" in names:
        return Shape.OPENAI
    if "messages" in names or "model" in names:
        return Shape.PLAIN
    return Shape.NATIVE


def read_request(line: bytes, number: int) -> Request:
    """Take a line apart and look at everything in it.

    Args:
        line: with or without its line break.
        number: which line of its file it is, from 1.
    """
    try:
        value = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _refused(_why_not_json(line, error))
    if not isinstance(value, dict):
        return _refused("must be a JSON object")
    match shape_of(value):
        case Shape.NATIVE:
            return _read_native(value)
        case Shape.PLAIN:
            return _read_plain(value, number)
        case Shape.OPENAI:
            return _read_openai(value)


def native(line: bytes, number: int) -> bytes:
    """A line that has no problems as it goes to the API; if it is native, as it stands.

    Args:
        line: with or without its newline, which is left out.
        number: which line of its file it is, from 1.

    Raises:
        RequestFileError: if it cannot be translated after all.
    """
    try:
        members = _members.decode(line)
        shape = shape_of(members)
        if shape is Shape.NATIVE:
            return line.removesuffix(b"\n")
        if shape is Shape.PLAIN and "custom_id" not in members:
            return b'{"custom_id":"%s","params":%s}' % (made_id(number).encode(), line.strip(BLANK))
        return _rewritten(members, shape)
    except (KeyError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise RequestFileError(f"Line {number} of the request file is not a request") from None


def request_line(line: bytes, number: int) -> RequestLine | None:
    """The request in a line of whatever shape, as the API gets it; None if it is none.

    Args:
        line: with or without its line break.
        number: which line of its file it is, from 1.
    """
    read = read_request(line, number)
    # A translation that is not complete shows less than what stands there.
    whole = read.shape is not Shape.OPENAI or not read.refused
    if read.custom_id and read.params and whole:
        return RequestLine(read.custom_id, read.params)
    return decode_request(line)


def _rewritten(members: dict[str, msgspec.Raw], shape: Shape) -> bytes:
    custom_id = members.pop("custom_id")
    if shape is Shape.PLAIN:
        params = msgspec.json.encode(members)
    elif msgspec.json.decode(members["url"]) == _OWN_URL:
        params = bytes(members["body"])
    else:
        body = msgspec.json.decode(members["body"])
        params = msgspec.json.encode(translate(object_of(body)).params)
    return b'{"custom_id":%s,"params":%s}' % (bytes(custom_id), params)


def _refused(message: str) -> Request:
    return Request(Shape.NATIVE, "", "", {}, (Problem("", message),))


def _why_not_json(line: bytes, error: Exception) -> str:
    if b"\0" in line:
        return "holds NUL bytes, as text in UTF-16 does; it must be UTF-8"
    if not _is_utf8(line):  # the error tells in some versions of msgspec, in others its words do
        return "is not UTF-8"
    if isinstance(error, RecursionError):
        return "is nested too deeply"
    if isinstance(error, msgspec.ValidationError):
        return "holds a number that is too large"
    text = str(error)
    if "truncated" in text:
        return "is not JSON: it breaks off"
    found = _MALFORMED.fullmatch(text)
    return f"is not JSON: {found[1]}" if found else "is not JSON"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _read_native(value: Mapping[str, object]) -> Request:
    problems = _unknown(value, {"custom_id", "params"})
    problems += _id_problems(value)
    if "params" in value:
        problems += params_problems(value["params"])
    elif not value.keys() - {"custom_id"}:
        problems.append(Problem("params", MISSING))
    return _request(Shape.NATIVE, value, value.get("params"), problems)


def _read_plain(value: Mapping[str, object], number: int) -> Request:
    params = {name: each for name, each in value.items() if name != "custom_id"}
    fields = {"custom_id": made_id(number)} | dict(value)
    return _request(
        Shape.PLAIN, fields, params, [*_id_problems(fields), *params_problems(params, "")]
    )


def _read_openai(value: Mapping[str, object]) -> Request:
    problems = _unknown(value, {"custom_id", "method", "url", "body"})
    problems += _id_problems(value)
    if value.get("method", "POST") != "POST":
        problems.append(Problem("method", "must be POST"))
    url, body = value.get("url"), value.get("body")
    if url == _OWN_URL:
        return _request(Shape.OPENAI, value, body, [*problems, *params_problems(body, "body")])
    if url != _URL:
        problems.append(Problem("url", f"must be {_URL} or {_OWN_URL}" if url else MISSING))
    if not isinstance(body, dict):
        problems.append(Problem("body", MISSING if body is None else "must be an object"))
        return _request(Shape.OPENAI, value, None, problems)
    translated = translate(body)
    problems += translated.problems
    if not translated.problems:
        problems += params_problems(translated.params, "body")
    return _request(Shape.OPENAI, value, translated.params, problems)


def _request(
    shape: Shape, fields: Mapping[str, object], params: object, problems: list[Problem]
) -> Request:
    shown_id = text_of(fields, "custom_id")
    custom_id = "" if custom_id_problem(shown_id) else shown_id
    return Request(shape, custom_id, shown_id, object_of(params), tuple(problems))


def _id_problems(fields: Mapping[str, object]) -> list[Problem]:
    if "custom_id" not in fields:
        return [Problem("custom_id", MISSING)]
    problem = custom_id_problem(fields["custom_id"])
    return [problem] if problem else []


def _unknown(fields: Mapping[str, object], known: set[str]) -> list[Problem]:
    return [
        Problem(safe_line(name, 60), "is not a field of a request")
        for name in fields
        if name not in known
    ]
