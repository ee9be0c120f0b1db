"""What is checked later: the params of one request, whose faults come back as an errored line."""

import re
from collections.abc import Iterator, Mapping

import msgspec

from batchtui.simulator.models import MODELS, most_output_tokens, resolve

Params = Mapping[str, object]

NEW_VERSION = "2026-10-21"
SIMULATED = re.compile(r"simulate:([a-z_]+)")
"""A prompt holding `simulate:overloaded_error`, or another kind below, gets just that."""
WORKER_ERRORS = {
    "api_error": "Internal server error",
    "overloaded_error": "Overloaded",
    "rate_limit_error": "This request would exceed your organization's rate limit.",
    "timeout_error": "The request took too long to process.",
}


class LineError(msgspec.Struct, frozen=True):
    """Why a request came back errored; `by_worker` if it was accepted first."""

    kind: str
    message: str
    by_worker: bool = False


def _wrong(message: str) -> LineError:
    return LineError("invalid_request_error", message)


def check_params(params: object, *, version: str, betas: str = "") -> LineError | None:
    """The first thing wrong with the params of a request, or None.

    Args:
        params: Whatever came as `params`.
        version: The `anthropic-version` the batch was created with.
        betas: Its `anthropic-beta` header.
    """
    if not isinstance(params, Mapping):
        return _wrong("params: Input should be a valid dictionary")
    return (
        _not_in_batches(params)
        or _model_and_length(params, betas)
        or _messages(params)
        or (_gone_from(params) if version == NEW_VERSION else None)
        or _simulated(params)
    )


def _not_in_batches(params: Params) -> LineError | None:
    if params.get("stream"):
        return _wrong('"stream=True" is not supported in the Message Batches API')
    if "speed" in params:
        return _wrong("speed: Extra inputs are not permitted")
    return None


def _model_and_length(params: Params, betas: str) -> LineError | None:
    model, most = params.get("model"), params.get("max_tokens")
    if model is None:
        return _wrong("model: Field required")
    if not isinstance(model, str) or resolve(model) not in MODELS:
        return LineError("not_found_error", f"model: {model}")
    if most is None:
        return _wrong("max_tokens: Field required")
    if not isinstance(most, int) or isinstance(most, bool):
        return _wrong("max_tokens: Input should be a valid integer")
    if most < 1:
        return _wrong("max_tokens: must be greater than or equal to 1")
    allowed = most_output_tokens(resolve(model), betas)
    if most > allowed:
        return _wrong(
            f"max_tokens: {most} > {allowed}, which is the maximum allowed number of output "
            f"tokens for {resolve(model)}"
        )
    return None


def _messages(params: Params) -> LineError | None:
    messages = params.get("messages")
    if messages is None:
        return _wrong("messages: Field required")
    if not isinstance(messages, list):
        return _wrong("messages: Input should be a valid list")
    if not messages:
        return _wrong("messages: at least one message is required")
    for number, message in enumerate(messages):
        if not isinstance(message, Mapping):
            return _wrong(f"messages.{number}: Input should be a valid dictionary")
        if message.get("role") not in ("user", "assistant", "system"):
            return _wrong(f"messages.{number}.role: Input should be 'user' or 'assistant'")
        content = message.get("content")
        if not content:
            return _wrong(f"messages.{number}.content: Field required")
        if not isinstance(content, str) and not _are_blocks(content):
            return _wrong(f"messages.{number}.content: Input should be a valid list")
    for _, block in blocks_of(params):
        source = block.get("source")
        url = source.get("url") if isinstance(source, Mapping) else None
        if isinstance(url, str) and re.search(r"^https?://[^/]*\.invalid(/|$)", url):
            return _wrong("Unable to download the file. Please verify the URL and try again.")
    return None


def _are_blocks(content: object) -> bool:
    return isinstance(content, list) and all(isinstance(block, Mapping) for block in content)


def _gone_from(params: Params) -> LineError | None:
    """What the newer API version no longer takes."""
    for name in ("temperature", "top_p", "top_k"):
        if name in params:
            return _wrong(f"{name}: Extra inputs are not permitted")
    for role, block in blocks_of(params):
        if role == "assistant" and block.get("type") == "document":
            return _wrong("messages: `document` blocks are not permitted in assistant messages")
        if role == "user" and block.get("type") == "text" and block.get("citations"):
            return _wrong("messages: `citations` must be empty in user text blocks")
    return None


def _simulated(params: Params) -> LineError | None:
    match = SIMULATED.search(prompt_of(params))
    if match and match[1] in WORKER_ERRORS:
        return LineError(match[1], WORKER_ERRORS[match[1]], by_worker=True)
    return None


def blocks_of(params: Params) -> Iterator[tuple[object, Mapping[str, object]]]:
    """Every content block of every message, with the role of its message."""
    messages = params.get("messages")
    for message in messages if isinstance(messages, list) else ():
        content = message.get("content") if isinstance(message, Mapping) else None
        if isinstance(content, str):
            yield message["role"], {"type": "text", "text": content}
        elif isinstance(content, list):
            for block in content:
                if isinstance(block, Mapping):
                    yield message["role"], block


def prompt_of(params: Params) -> str:
    """The last text a user wrote; empty if there is none."""
    prompt = ""
    for role, block in blocks_of(params):
        text = block.get("text")
        if role == "user" and block.get("type") == "text" and isinstance(text, str):
            prompt = text
    return prompt
