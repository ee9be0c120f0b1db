"""What is checked later: the params of one request, whose faults come back as an errored line."""

import re
from collections.abc import Iterator, Mapping

import msgspec

from batchtui.simulator.models import MODELS, most_output_tokens, resolve

Params = Mapping[str, object]

NEW_VERSION = "2026-10-21"
_UNREACHABLE = re.compile(r"^https?://[^/]*\.invalid(/|$)")
_WISH = re.compile(r"simulate(-once)?:([a-z_]+)")
WORKER_ERRORS = {
    "api_error": "Internal server error",
    "overloaded_error": "Overloaded",
    "rate_limit_error": "This request would exceed your organization's rate limit.",
    "timeout_error": "The request took too long to process.",
}


EXPIRED = "expired"
PROMPTS = {
    "simulate:KIND": "fails: " + ", ".join((*WORKER_ERRORS, EXPIRED)),
    "simulate-once:KIND": "fails so in the first batch with its custom_id, then no more",
    "simulate:max_tokens": "stops at max_tokens, unless that is 4096 or more",
    "simulate:pause_turn": "pauses, unless the conversation ends with an assistant turn",
    "simulate:refusal": "is refused",
}
"""What can be written into a prompt to have its request get just that."""


class Wish(msgspec.Struct, frozen=True):
    """What a prompt asks the simulator for; `once` if only of the first batch with its id."""

    kind: str
    once: bool


class LineError(msgspec.Struct, frozen=True):
    """Why a request came back without an answer.

    Attributes:
        kind: `error.type`, or "expired" if it is no error.
        by_worker: whether it was accepted first.
        once: whether it fails only in the first batch that its custom_id is in.
    """

    kind: str
    message: str
    by_worker: bool = False
    once: bool = False


def _wrong(message: str) -> LineError:
    return LineError("invalid_request_error", message)


def check_params(params: object, *, version: str, betas: str = "") -> LineError | None:
    """The first thing wrong with the params of a request, or None.

    Args:
        params: Whatever came as `params`.
        version: The `anthropic-version` the batch was created with.
        betas: Its `anthropic-beta` header.
    """
    if not isinstance(params, dict):
        return _wrong("params: Input should be a valid dictionary")
    return (
        _not_in_batches(params)
        or _model_and_length(params, betas)
        or _messages(params)
        or (_sampling(params) if version == NEW_VERSION else None)
        or _blocks(params, version)
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
        if not isinstance(message, dict):
            return _wrong(f"messages.{number}: Input should be a valid dictionary")
        if message.get("role") not in ("user", "assistant", "system"):
            return _wrong(f"messages.{number}.role: Input should be 'user' or 'assistant'")
        content = message.get("content")
        if not content:
            return _wrong(f"messages.{number}.content: Field required")
        if not isinstance(content, str) and not _are_blocks(content):
            return _wrong(f"messages.{number}.content: Input should be a valid list")
    return None


def _are_blocks(content: object) -> bool:
    return isinstance(content, list) and all(isinstance(block, dict) for block in content)


def _sampling(params: Params) -> LineError | None:
    """What the newer API version no longer takes."""
    for name in ("temperature", "top_p", "top_k"):
        if name in params:
            return _wrong(f"{name}: Extra inputs are not permitted")
    return None


def _blocks(params: Params, version: str) -> LineError | None:
    for role, block in blocks_of(params):
        source = block.get("source")
        url = source.get("url") if isinstance(source, dict) else None
        if isinstance(url, str) and _UNREACHABLE.search(url):
            return _wrong("Unable to download the file. Please verify the URL and try again.")
        if version != NEW_VERSION:
            continue
        if role == "assistant" and block.get("type") == "document":
            return _wrong("messages: `document` blocks are not permitted in assistant messages")
        if role == "user" and block.get("type") == "text" and block.get("citations"):
            return _wrong("messages: `citations` must be empty in user text blocks")
    return None


def _simulated(params: Params) -> LineError | None:
    wish = wish_of(params)
    if wish is None or wish.kind not in (*WORKER_ERRORS, EXPIRED):
        return None
    message = WORKER_ERRORS.get(wish.kind, "")
    return LineError(wish.kind, message, by_worker=True, once=wish.once)


def wish_of(params: Params) -> Wish | None:
    """What the prompt asks the simulator for."""
    match = _WISH.search(prompt_of(params))
    return Wish(match[2], match[1] is not None) if match else None


def blocks_of(params: Params) -> Iterator[tuple[object, Mapping[str, object]]]:
    """Every content block of every message, with the role of its message; plain text is none."""
    messages = params.get("messages")
    for message in messages if isinstance(messages, list) else ():
        content = message.get("content") if isinstance(message, dict) else None
        for block in content if isinstance(content, list) else ():
            if isinstance(block, dict):
                yield message.get("role"), block


def prompt_of(params: Params) -> str:
    """The last text a user wrote; empty if there is none."""
    messages = params.get("messages")
    for message in reversed(messages) if isinstance(messages, list) else ():
        if not isinstance(message, dict) or message.get("role") != "user":
            continue
        content = message.get("content")
        if isinstance(content, str):
            return content
        for block in reversed(content) if isinstance(content, list) else ():
            text = block.get("text") if isinstance(block, dict) else None
            if isinstance(text, str) and block.get("type") == "text":
                return text
    return ""


def last_message(params: Params) -> Mapping[str, object]:
    """The message the conversation ends with; empty if there is none."""
    messages = params.get("messages")
    last = messages[-1] if isinstance(messages, list) and messages else None
    return last if isinstance(last, dict) else {}
