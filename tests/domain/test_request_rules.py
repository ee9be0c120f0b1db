"""What the API would refuse is refused first, by the name of its field; all else is let through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.models import MOST_OUTPUT_TOKENS
from batchtui.domain.request_rules import NO_LONGER, custom_id_problem, params_problems
from batchtui.simulator.models import MODELS, most_output_tokens, resolve

GOOD: dict[str, object] = {
    "model": "claude-haiku-4-5",
    "max_tokens": 16,
    "messages": [{"role": "user", "content": "Hello"}],
}
PDF = {"type": "document", "source": {"type": "base64", "data": "JVBERi0="}}


def refused(params: object, at: str = "params") -> list[str]:
    problems = params_problems(params, at)
    return [f"{each.field} {each.message}" for each in problems if not each.is_warning]


def with_content(content: object, role: object = "user") -> dict[str, object]:
    return GOOD | {
        "messages": [{"role": "user", "content": "?"}, {"role": role, "content": content}]
    }


@pytest.mark.parametrize(
    ("custom_id", "message"),
    [
        ("", "is empty"),
        ("x" * 65, "is longer than 64 characters"),
        ("a b", "may only have letters, digits, _ and -"),
        ("é", "may only have letters, digits, _ and -"),
        ("a\n", "may only have letters, digits, _ and -"),
        (7, "must be text"),
        (None, "must be text"),
    ],
)
def test_ids_the_api_refuses(custom_id: object, message: str) -> None:
    problem = custom_id_problem(custom_id)
    assert problem is not None
    assert (problem.field, problem.message) == ("custom_id", message)


@pytest.mark.parametrize("custom_id", ["a", "x" * 64, "A-b_9"])
def test_ids_the_api_takes(custom_id: str) -> None:
    assert custom_id_problem(custom_id) is None


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"model": None}, "params.model is missing"),
        ({"model": 5}, "params.model must be the name of a model"),
        ({"max_tokens": None}, "params.max_tokens is missing"),
        ({"max_tokens": 0}, "params.max_tokens must be 1 or more in a batch"),
        ({"max_tokens": "16"}, "params.max_tokens must be a whole number"),
        ({"max_tokens": True}, "params.max_tokens must be a whole number"),
        ({"max_tokens": 64001}, "params.max_tokens is more than the 64,000 of claude-haiku-4-5"),
        ({"messages": None}, "params.messages is missing"),
        ({"messages": {}}, "params.messages must be a list"),
        ({"messages": []}, "params.messages must have at least one message"),
        ({"messages": ["Hi"]}, "params.messages.0 must be an object"),
        ({"messages": [{"content": "Hi"}]}, "params.messages.0.role is missing"),
        ({"stream": True}, "params.stream cannot be used in a batch"),
        ({"speed": "fast"}, "params.speed cannot be used in a batch"),
        (
            {"temperature": 0.2},
            "params.temperature " + NO_LONGER,
        ),
        ({"top_p": None}, "params.top_p " + NO_LONGER),
        ({"top_k": 3}, "params.top_k " + NO_LONGER),
        ({"tools": {}}, "params.tools must be a list"),
        ({"system": 3}, "params.system must be text or a list of text blocks"),
    ],
)
def test_params_the_api_refuses(change: dict[str, object], problem: str) -> None:
    assert refused(GOOD | change) == [problem]


@pytest.mark.parametrize(
    ("content", "role", "problem"),
    [
        (None, "user", "params.messages.1.content is missing"),
        ("", "user", "params.messages.1.content is empty"),
        (3, "user", "params.messages.1.content must be text or a list of content blocks"),
        ("Hi", "tool", "params.messages.1.role must be user, assistant or system"),
        (["Hi"], "user", "params.messages.1.content.0 must be an object"),
        ([{"text": "Hi"}], "user", "params.messages.1.content.0.type is missing"),
        ([{"type": "text", "text": ""}], "user", "params.messages.1.content.0.text is empty"),
        (
            [{"type": "text", "text": "Hi", "citations": [1]}],
            "user",
            "params.messages.1.content.0.citations must be empty in the text of a user",
        ),
        (
            [{"type": "text", "text": "See"}, PDF],
            "assistant",
            "params.messages.1.content.1 must not be a document in an assistant message",
        ),
    ],
)
def test_content_the_api_refuses(content: object, role: str, problem: str) -> None:
    assert refused(with_content(content, role)) == [problem]


@pytest.mark.parametrize(
    "params",
    [
        GOOD,
        GOOD | {"stream": False, "tools": [{"name": "f"}], "thinking": {"type": "adaptive"}},
        GOOD | {"system": [{"type": "text", "text": "Be brief", "cache_control": {}}]},
        GOOD | {"a_param_of_tomorrow": {"deep": [1, 2]}, "metadata": None},
        with_content([PDF, {"type": "image", "source": {}}, {"type": "block_of_tomorrow"}]),
        with_content([{"type": "text", "text": "Cited", "citations": [{}]}], "assistant"),
        GOOD | {"model": "claude-of-tomorrow", "max_tokens": 10**6},
    ],
)
def test_what_is_not_known_here_is_let_through(params: dict[str, object]) -> None:
    assert list(params_problems(params)) == []


def test_every_problem_is_told_under_the_name_the_field_has_in_its_line() -> None:
    params = {"max_tokens": 0, "messages": [{"role": "x", "content": ""}]}
    assert [each.field for each in params_problems(params, "")] == [
        "model",
        "max_tokens",
        "messages.0.role",
        "messages.0.content",
    ]
    assert refused([], "body") == ["body must be an object"]


def test_what_may_turn_out_well_is_a_warning() -> None:
    begun = with_content("", "assistant")
    assert [each.is_warning for each in params_problems(begun)] == [True]


def test_the_simulated_api_knows_the_same_models() -> None:
    assert {resolve(name) for name in MOST_OUTPUT_TOKENS} >= MODELS
    for name, most in MOST_OUTPUT_TOKENS.items():
        assert most_output_tokens(resolve(name), "") == most


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
NAMES = st.sampled_from(["role", "content", "type", "text", "citations"])


BLOCK = st.dictionaries(NAMES, JSON, max_size=4)
MESSAGE = st.dictionaries(NAMES, JSON | st.lists(BLOCK, max_size=2), max_size=4)


@given(
    st.dictionaries(
        st.sampled_from([*GOOD, "system", "stream", "tools"]),
        JSON | st.lists(MESSAGE, max_size=2),
    )
)
def test_no_params_are_too_strange_to_be_looked_at(params: dict[str, object]) -> None:
    assert all(each.message for each in params_problems(params))
