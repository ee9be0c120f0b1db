"""Requests for chat completions, told in the words of the Messages API.

Fields that mean the same are translated; any other is refused by its name, unless it only asks
for what is the case anyhow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from batchtui.domain.json_values import list_of, object_of, text_of
from batchtui.domain.request import Problem
from batchtui.domain.text import safe_line
from batchtui.submissions.openai_messages import Unfit, messages_of

_NOTHING: Mapping[str, object] = {
    "stream": False,
    "n": 1,
    "temperature": 1,
    "top_p": 1,
    "frequency_penalty": 0,
    "presence_penalty": 0,
    "logprobs": False,
    "logit_bias": {},
    "store": False,
    "response_format": {"type": "text"},
    "service_tier": "auto",
    "modalities": ["text"],
}
"""What changes nothing, and so need not be translated."""

_CHOICES = {"auto": {"type": "auto"}, "none": {"type": "none"}, "required": {"type": "any"}}


class Translated(msgspec.Struct, frozen=True):
    """What became of a body.

    Attributes:
        params: what the Messages API is to be called with; not all of it if there are problems.
    """

    params: Mapping[str, object]
    problems: tuple[Problem, ...]


def translate(body: Mapping[str, object]) -> Translated:
    """Translate the body of a request for a chat completion."""
    params: dict[str, object] = {}
    problems: list[Problem] = []
    for name, value in body.items():
        if value is None or (name in _NOTHING and _same(value, _NOTHING[name])):
            continue
        try:
            _RULES.get(name, _refuse)(name, value, params)
        except Unfit as unfit:
            problems.append(Problem(f"body.{safe_line(unfit.field, 100)}", unfit.message))
    if params.get("tool_choice") is None and "disable_parallel_tool_use" in params:
        params["tool_choice"] = {"type": "auto"}
    if params.pop("disable_parallel_tool_use", False):
        choice = object_of(params.get("tool_choice"))
        if choice.get("type") != "none":
            params["tool_choice"] = {**choice, "disable_parallel_tool_use": True}
    return Translated(params, tuple(problems))


def _same(value: object, other: object) -> bool:
    """Whether they are the same JSON value, for which true is not 1."""
    return value == other and isinstance(value, bool) is isinstance(other, bool)


def _refuse(name: str, value: object, params: dict[str, object]) -> None:
    raise Unfit(name, "has no counterpart in the Messages API")


def _keep(name: str, value: object, params: dict[str, object]) -> None:
    params[name] = value


def _max_tokens(name: str, value: object, params: dict[str, object]) -> None:
    if params.setdefault("max_tokens", value) != value:
        raise Unfit(name, "says something else than its other name")


def _stop(name: str, value: object, params: dict[str, object]) -> None:
    params["stop_sequences"] = list_of(value)


def _user(name: str, value: object, params: dict[str, object]) -> None:
    if params.setdefault("metadata", {"user_id": value}) != {"user_id": value}:
        raise Unfit(name, "says something else than its other name")


def _messages(name: str, value: object, params: dict[str, object]) -> None:
    system, messages = messages_of(value)
    if system:
        params["system"] = system
    params["messages"] = messages


def _tools(name: str, value: object, params: dict[str, object]) -> None:
    if not isinstance(value, list):
        raise Unfit(name, "must be a list")
    params["tools"] = [_tool(each, f"{name}.{at}") for at, each in enumerate(value)]


def _tool(tool: object, where: str) -> Mapping[str, object]:
    fields = object_of(tool)
    function = object_of(fields.get("function"))
    if fields.get("type") != "function" or not function:
        raise Unfit(where, "must be a function")
    if unknown := function.keys() - {"name", "description", "parameters", "strict"}:
        raise Unfit(f"{where}.function.{min(unknown)}", "has no counterpart in the Messages API")
    schema = function.get("parameters") or {"type": "object", "properties": {}}
    translated: dict[str, object] = {"name": function.get("name"), "input_schema": schema}
    if function.get("description") is not None:
        translated["description"] = function["description"]
    if function.get("strict"):
        translated["strict"] = True
    return translated


def _tool_choice(name: str, value: object, params: dict[str, object]) -> None:
    if isinstance(value, str) and value in _CHOICES:
        params["tool_choice"] = _CHOICES[value]
        return
    fields = object_of(value)
    called = text_of(object_of(fields.get("function")), "name")
    if fields.get("type") != "function" or not called:
        raise Unfit(name, "has no counterpart in the Messages API")
    params["tool_choice"] = {"type": "tool", "name": called}


def _parallel(name: str, value: object, params: dict[str, object]) -> None:
    if not isinstance(value, bool):
        raise Unfit(name, "must be true or false")
    if not value:
        params["disable_parallel_tool_use"] = True


def _response_format(name: str, value: object, params: dict[str, object]) -> None:
    fields = object_of(value)
    schema = object_of(fields.get("json_schema"))
    if fields.get("type") != "json_schema" or not isinstance(schema.get("schema"), dict):
        raise Unfit(name, "has no counterpart in the Messages API, unless it is a json_schema")
    params["output_config"] = {"format": {"type": "json_schema", "schema": schema["schema"]}}


_Rule = Callable[[str, object, dict[str, object]], None]
_RULES: Mapping[str, _Rule] = {
    "model": _keep,
    "messages": _messages,
    "max_tokens": _max_tokens,
    "max_completion_tokens": _max_tokens,
    "stop": _stop,
    "user": _user,
    "safety_identifier": _user,
    "tools": _tools,
    "tool_choice": _tool_choice,
    "parallel_tool_calls": _parallel,
    "response_format": _response_format,
}
