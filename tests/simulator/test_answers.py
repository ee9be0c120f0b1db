from typing import Any

import pytest
from anthropic.types import Message

from batchtui.simulator.answers import answer, sample

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "age": {"type": ["integer", "null"]},
        "tags": {"type": "array", "items": {"enum": ["red", "blue"]}},
        "address": {"type": "object", "properties": {"street": {"default": "Main Street"}}},
        "vip": {"type": "boolean"},
        "score": {"type": "number"},
    },
}
TOOL = {"name": "record", "input_schema": SCHEMA}


def ask(content: object, **rest: object) -> Message:
    messages = [{"role": "user", "content": content}]
    params = {"model": "claude-haiku-4-5", "max_tokens": 500, "messages": messages, **rest}
    return Message.model_validate(answer(params, 1, "ticket-1", size=100))


def first(message: Message) -> Any:
    return message.content[0]


def test_it_echoes_the_prompt() -> None:
    message = ask("What is\nthe tide?")

    assert "> What is\n> the tide?" in first(message).text
    assert message.stop_reason == "end_turn"
    assert message.model == "claude-haiku-4-5-20251001"
    assert message.usage.input_tokens > 10


def test_the_same_request_has_the_same_answer() -> None:
    assert ask("Hello") == ask("Hello")


def test_a_tool_is_called_with_input_of_the_right_shape() -> None:
    message = ask("Do it", tools=[TOOL])

    call = message.content[-1]
    assert call.type == "tool_use"
    assert message.stop_reason == "tool_use"
    assert call.input == {
        "name": "simulated",
        "age": 1,
        "tags": ["red"],
        "address": {"street": "Main Street"},
        "vip": True,
        "score": 1.5,
    }


def test_the_chosen_tool_is_called() -> None:
    other = {"name": "other", "input_schema": {"type": "object"}}

    message = ask("x", tools=[TOOL, other], tool_choice={"type": "tool", "name": "other"})

    call = message.content[-1]
    assert call.type == "tool_use"
    assert call.name == "other"


@pytest.mark.parametrize("name", ["web_search", "web_fetch", "code_execution"])
def test_a_tool_of_the_server_is_used_and_its_result_shown(name: str) -> None:
    message = ask("x", tools=[{"type": f"{name}_20260101", "name": name}])

    kinds: list[str] = [block.type for block in message.content]
    assert kinds.index("server_tool_use") < kinds.index(f"{name}_tool_result")
    assert kinds[-1] == "text"
    assert (message.container is not None) == (name == "code_execution")


def test_no_tool_is_called_when_none_may_be_or_one_has_answered() -> None:
    result = [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "42"}]

    assert ask("x", tools=[TOOL], tool_choice={"type": "none"}).stop_reason == "end_turn"
    assert ask(result, tools=[TOOL]).stop_reason == "end_turn"


@pytest.mark.parametrize(
    ("source", "kind", "cited"),
    [
        ({"type": "text", "data": "The tide turns."}, "char_location", "The tide turns."),
        ({"type": "base64", "data": "JVBERi0="}, "page_location", "The first page."),
        (
            {"type": "content", "content": [{"type": "text", "text": "Block one."}]},
            "content_block_location",
            "Block one.",
        ),
    ],
)
def test_documents_are_cited_in_the_form_of_their_kind(
    source: object, kind: str, cited: str
) -> None:
    document = {"type": "document", "source": source, "citations": {"enabled": True}}

    (citation,) = first(ask([document, {"type": "text", "text": "When?"}])).citations

    assert citation.type == kind
    assert citation.cited_text == cited


def test_search_results_are_cited() -> None:
    found = {
        "type": "search_result",
        "source": "https://wiki.example",
        "title": "Wiki",
        "content": [{"type": "text", "text": "Yes."}],
        "citations": {"enabled": True},
    }

    (citation,) = first(ask([found])).citations

    assert citation.type == "search_result_location"
    assert citation.source == "https://wiki.example"


def test_documents_without_citations_are_not_cited() -> None:
    document = {"type": "document", "source": {"type": "text", "data": "x"}}

    assert first(ask([document])).citations is None


def test_a_small_max_tokens_cuts_the_answer() -> None:
    message = ask("Hello", max_tokens=3)

    assert message.stop_reason == "max_tokens"
    assert message.usage.output_tokens == 3
    assert len(first(message).text) == 12


def test_a_stop_sequence_ends_the_answer() -> None:
    message = ask("Hello", stop_sequences=["never", "simulated"])

    assert (message.stop_reason, message.stop_sequence) == ("stop_sequence", "simulated")
    assert first(message).text.endswith("This is a ")


def test_thinking_comes_first() -> None:
    message = ask("Hello", thinking={"type": "adaptive"})

    assert [block.type for block in message.content] == ["thinking", "text"]
    assert message.usage.output_tokens_details is not None


def test_structured_output_follows_the_schema() -> None:
    wanted = {"format": {"type": "json_schema", "schema": SCHEMA}}

    assert first(ask("x", output_config=wanted)).text.startswith('{"name": "simulated"')


def test_a_prompt_can_ask_for_a_refusal_or_a_pause() -> None:
    refused = ask("simulate:refusal")

    assert refused.stop_reason == "refusal"
    assert refused.stop_details is not None
    assert ask("simulate:pause_turn").stop_reason == "pause_turn"


def test_a_schema_without_end_is_left_at_some_depth() -> None:
    endless: dict[str, object] = {"type": "object"}
    endless["properties"] = {"again": endless}

    assert isinstance(sample(endless), dict)


def test_a_prompt_can_ask_to_be_cut_off_until_there_is_room() -> None:
    prompt = "simulate:max_tokens and more words than fit"
    cut = ask(prompt)

    assert cut.stop_reason == "max_tokens"
    assert cut.usage.output_tokens == 500
    assert ask(prompt, max_tokens=4096).stop_reason == "end_turn"


def test_a_prompt_can_ask_for_a_pause_and_is_answered_when_it_goes_on() -> None:
    paused = ask("simulate:pause_turn")
    begun = [block.model_dump() for block in paused.content]
    turns = [
        {"role": "user", "content": "simulate:pause_turn"},
        {"role": "assistant", "content": begun},
    ]

    assert paused.stop_reason == "pause_turn"
    assert ask("", messages=turns).stop_reason == "end_turn"
