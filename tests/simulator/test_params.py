import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.simulator.answers import answer
from batchtui.simulator.message import encode
from batchtui.simulator.params import check_params

Params = dict[str, object]


def params(content: object = "Hello", **rest: object) -> Params:
    return {
        "model": "claude-haiku-4-5",
        "max_tokens": 1024,
        "messages": [{"role": "user", "content": content}],
        **rest,
    }


def without(name: str) -> Params:
    return {key: value for key, value in params().items() if key != name}


LINES = [
    (params(stream=True), '"stream=True" is not supported in the Message Batches API'),
    (params(speed="fast"), "speed: Extra inputs are not permitted"),
    (params(max_tokens=0), "max_tokens: must be greater than or equal to 1"),
    (
        params(max_tokens=100_000),
        "max_tokens: 100000 > 64000, which is the maximum allowed number of output tokens "
        "for claude-haiku-4-5-20251001",
    ),
    (params(max_tokens="many"), "max_tokens: Input should be a valid integer"),
    (without("max_tokens"), "max_tokens: Field required"),
    (without("messages"), "messages: Field required"),
    (without("model"), "model: Field required"),
    (params(messages=[]), "messages: at least one message is required"),
    (params(messages="Hello"), "messages: Input should be a valid list"),
    (params(messages=[3]), "messages.0: Input should be a valid dictionary"),
    (params(""), "messages.0.content: Field required"),
    (params([1]), "messages.0.content: Input should be a valid list"),
    (params(messages=[{"content": "x"}]), "messages.0.role: Input should be 'user' or 'assistant'"),
    (
        params([{"type": "image", "source": {"type": "url", "url": "https://no.invalid/x.png"}}]),
        "Unable to download the file. Please verify the URL and try again.",
    ),
    (params(temperature=0.5), "temperature: Extra inputs are not permitted"),
    (params(top_k=3), "top_k: Extra inputs are not permitted"),
    (
        params([{"type": "text", "text": "x", "citations": [{"type": "char_location"}]}]),
        "messages: `citations` must be empty in user text blocks",
    ),
    (
        params(messages=[{"role": "assistant", "content": [{"type": "document"}]}]),
        "messages: `document` blocks are not permitted in assistant messages",
    ),
    ([], "params: Input should be a valid dictionary"),
]


@pytest.mark.parametrize(("given_params", "message"), LINES, ids=[line[1] for line in LINES])
def test_wrong_params_become_an_errored_line(given_params: object, message: str) -> None:
    error = check_params(given_params, version="2026-10-21")

    assert error is not None
    assert (error.kind, error.message) == ("invalid_request_error", message)
    assert not error.by_worker


def test_an_unknown_model_is_not_found() -> None:
    error = check_params(params(model="claude-does-not-exist-9"), version="2026-10-21")

    assert error is not None
    assert (error.kind, error.message) == ("not_found_error", "model: claude-does-not-exist-9")


def test_the_older_version_takes_sampling_parameters() -> None:
    assert check_params(params(temperature=0.5, top_p=1), version="2023-06-01") is None


def test_a_beta_allows_longer_output() -> None:
    long = params(model="claude-opus-5-5", max_tokens=300_000)

    assert check_params(long, version="2026-10-21") is not None
    assert check_params(long, version="2026-10-21", betas="output-300k-2026-03-24") is None


def test_a_prompt_can_ask_for_a_failure() -> None:
    error = check_params(params("please simulate:overloaded_error"), version="2026-10-21")

    assert error is not None
    assert (error.kind, error.by_worker) == ("overloaded_error", True)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                (
                    "type",
                    "text",
                    "content",
                    "source",
                    "citations",
                    "enabled",
                    "input_schema",
                    "name",
                )
            )
            | st.text(),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
odd_params = st.builds(
    params,
    json_values,
    tools=json_values,
    thinking=json_values,
    tool_choice=json_values,
    output_config=json_values,
    stop_sequences=json_values,
)


@given(json_values | odd_params)
def test_whatever_is_let_in_is_answered(given_params: object) -> None:
    if check_params(given_params, version="2026-10-21") is None:
        assert isinstance(given_params, dict)
        assert encode(answer(given_params, 1, "a", size=100))
