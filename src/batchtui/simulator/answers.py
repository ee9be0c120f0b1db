"""What the simulated model answers to a request: an echo of it, in the shape it asked for."""

import json
from collections.abc import Mapping

from msgspec.structs import replace

from batchtui.simulator.blocks import DIRECT, Block, Exhibit, text, thinking
from batchtui.simulator.chance import identifier
from batchtui.simulator.message import message_of, tokens_of
from batchtui.simulator.models import resolve
from batchtui.simulator.params import Params, blocks_of, last_message, prompt_of, wish_of
from batchtui.simulator.showcase import EXHIBITS

_ECHOED = 280
"""Characters of the prompt that come back."""
_LONG_ENOUGH = 4096
"""As `max_tokens`, lets an answer end that is asked to be cut off."""


def answer(params: Params, key: int, custom_id: str, *, size: int) -> dict[str, object]:
    """The message that answers `params`; the same for the same arguments.

    Args:
        params: as checked.
        key: that of the batch.
        custom_id: that of the request.
        size: bytes of the params as they came, which are paid for.
    """
    exhibit = _answered(params, f"{key}/{custom_id}", {"input_tokens": size // 4 + 1})
    exhibit = _cut(exhibit, params.get("stop_sequences"), _most(params))
    return message_of(
        exhibit,
        model=resolve(str(params["model"])),
        message_id=identifier("msg_", key, custom_id),
    )


def _answered(params: Params, name: str, usage: Block) -> Exhibit:
    wish = wish_of(params)
    kind = wish.kind if wish else ""
    if kind == "refusal":
        details: Block = {"type": "refusal", "category": None, "explanation": None}
        return Exhibit([], "refusal", stop_details=details, usage={**usage, "output_tokens": 1})
    content: list[Block] = []
    if _kind(params.get("thinking")) in ("enabled", "adaptive"):
        content.append(thinking("The simulator answers by repeating the question."))
        usage["output_tokens_details"] = {"thinking_tokens": 12}
    called = _tool_call(params, name)
    if called is not None:
        content += (text("I will use a tool for this."), called)
        return Exhibit(content, "tool_use", usage=usage)
    served = _served(params)
    if served is not None:
        return replace(served, content=[*content, *served.content], usage={**served.usage, **usage})
    if kind == "max_tokens" and (most := _most(params)) < _LONG_ENOUGH:
        content.append(text(_echo(params)[: most * 4].rpartition(" ")[0]))
        return Exhibit(content, "max_tokens", usage={**usage, "output_tokens": most})
    content += _documents(params) or [text(_echo(params))]
    pauses = kind == "pause_turn" and last_message(params).get("role") != "assistant"
    return Exhibit(content, "pause_turn" if pauses else "end_turn", usage=usage)


def _most(params: Params) -> int:
    most = params["max_tokens"]
    assert isinstance(most, int), "checked when the batch was created"
    return most


def _kind(value: object) -> object:
    return value.get("type") if isinstance(value, dict) else None


def _echo(params: Params) -> str:
    schema = _output_schema(params)
    if schema is not None:
        return json.dumps(sample(schema), ensure_ascii=False)
    prompt = prompt_of(params)
    shown = prompt[:_ECHOED] + ("…" if len(prompt) > _ECHOED else "")
    quoted = "\n".join(f"> {line}" for line in shown.splitlines()) or "> (no text)"
    return (
        f"You wrote:\n\n{quoted}\n\nThis is a simulated answer. A real one would say:\n\n"
        "- what the question comes down to\n- what speaks for either side\n- what to do next"
    )


def _output_schema(params: Params) -> Mapping[str, object] | None:
    for outer, inner in (("output_config", "format"), ("output_format", None)):
        found = params.get(outer)
        if inner is not None and isinstance(found, dict):
            found = found.get(inner)
        schema = found.get("schema") if isinstance(found, dict) else None
        if isinstance(schema, dict):
            return schema
    return None


def _tool_call(params: Params, name: str) -> Block | None:
    """A call of the tool that must be used, else of the first one; None after a tool's result."""
    tools = params.get("tools")
    choice = params.get("tool_choice")
    content = last_message(params).get("content")
    last = content[-1] if isinstance(content, list) else None
    if not isinstance(tools, list) or _kind(choice) == "none" or _kind(last) == "tool_result":
        return None
    named = choice.get("name") if isinstance(choice, dict) else None
    for tool in tools:
        schema = tool.get("input_schema") if isinstance(tool, dict) else None
        if isinstance(schema, dict) and named in (None, tool.get("name")):
            return {
                "type": "tool_use",
                "id": identifier("toolu_", name),
                "name": tool.get("name"),
                "input": sample(schema),
                "caller": DIRECT,
            }
    return None


def _served(params: Params) -> Exhibit | None:
    """An answer that uses the first tool that runs on the server, if there is one."""
    tools = params.get("tools")
    listed = tools if isinstance(tools, list) else []
    names = [tool.get("name") for tool in listed if isinstance(tool, dict)]
    for exhibit in EXHIBITS if names else ():
        uses = (block["name"] for block in exhibit.content if block["type"] == "server_tool_use")
        if next(uses, None) == names[0] and exhibit.stop_reason == "end_turn":
            return exhibit
    return None


def sample(schema: Mapping[str, object], depth: int = 0) -> object:
    """A value that follows the main lines of a JSON schema."""
    for name in ("const", "default"):
        if name in schema:
            return schema[name]
    choices = schema.get("enum") or schema.get("examples")
    if isinstance(choices, list) and choices:
        return choices[0]
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    if kind == "object" or "properties" in schema:
        properties = schema.get("properties")
        if not isinstance(properties, dict) or depth > 8:
            return {}
        return {
            name: sample(inner, depth + 1)
            for name, inner in properties.items()
            if isinstance(inner, dict)
        }
    if kind == "array":
        items = schema.get("items")
        return [sample(items, depth + 1)] if isinstance(items, dict) and depth <= 8 else []
    return {"string": "simulated", "integer": 1, "number": 1.5, "boolean": True}.get(str(kind))


def _documents(params: Params) -> list[Block]:
    """Text that cites every document and search result whose citations are enabled."""
    answered: list[Block] = []
    documents = results = 0
    for _, block in blocks_of(params):
        if block.get("type") == "document":
            if _cites(block):
                answered.append(text("The document says so.", [_citation(block, documents)]))
            documents += 1
        elif block.get("type") == "search_result":
            if _cites(block):
                answered.append(text("The search found it.", [_search_citation(block, results)]))
            results += 1
    return answered


def _cites(block: Mapping[str, object]) -> bool:
    citations = block.get("citations")
    return isinstance(citations, dict) and citations.get("enabled") is True


def _citation(block: Mapping[str, object], index: int) -> Block:
    source = block.get("source")
    source = source if isinstance(source, dict) else {}
    common: Block = {
        "document_index": index,
        "document_title": block.get("title"),
        "file_id": source.get("file_id"),
    }
    match source.get("type"):
        case "text":
            cited = str(source.get("data"))[:80]
            span = {"start_char_index": 0, "end_char_index": len(cited)}
            return {"type": "char_location", "cited_text": cited, **common, **span}
        case "content":
            blocks = {"start_block_index": 0, "end_block_index": 1}
            cited = _first_text(source.get("content"))
            return {"type": "content_block_location", "cited_text": cited, **common, **blocks}
    pages = {"start_page_number": 1, "end_page_number": 2}
    return {"type": "page_location", "cited_text": "The first page.", **common, **pages}


def _search_citation(block: Mapping[str, object], index: int) -> Block:
    return {
        "type": "search_result_location",
        "cited_text": _first_text(block.get("content")),
        "search_result_index": index,
        "source": block.get("source"),
        "title": block.get("title"),
        "start_block_index": 0,
        "end_block_index": 1,
    }


def _first_text(content: object) -> str:
    if isinstance(content, list) and content and isinstance(content[0], dict):
        return str(content[0].get("text", ""))
    return content if isinstance(content, str) else ""


def _cut(exhibit: Exhibit, sequences: object, most: int) -> Exhibit:
    """The answer as far as `stop_sequences` and `max_tokens` let it go."""
    if exhibit.stop_reason != "end_turn":
        return exhibit
    *before, last = exhibit.content
    words, reason, stopped = str(last["text"]), "end_turn", None
    for sequence in sequences if isinstance(sequences, list) else ():
        if isinstance(sequence, str) and sequence and sequence in words:
            words, reason, stopped = words.partition(sequence)[0], "stop_sequence", sequence
    if tokens_of(words) > most:
        words, reason, stopped = words[: most * 4], "max_tokens", None
    return replace(
        exhibit,
        content=[*before, {**last, "text": words}],
        stop_reason=reason,
        stop_sequence=stopped,
        usage={**exhibit.usage, "output_tokens": min(most, tokens_of(words) + 8)},
    )
