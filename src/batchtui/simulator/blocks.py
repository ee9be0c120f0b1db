"""Content blocks of the Messages API, and what a message is made of besides its ids."""

import msgspec

Block = dict[str, object]

DIRECT: Block = {"type": "direct"}
_SIGNATURE = "EqQBCkYIBxgCKkBNb2NrIHNpZ25hdHVyZSBvZiBhIHNpbXVsYXRlZCB0aG91Z2h0Ego="


class Exhibit(msgspec.Struct, frozen=True):
    """One message, less its ids: what the model wrote and why it stopped."""

    content: list[Block]
    stop_reason: str = "end_turn"
    stop_sequence: str | None = None
    stop_details: Block | None = None
    container: bool = False
    usage: Block = {}


def text(words: str, citations: list[Block] | None = None) -> Block:
    """A text block."""
    return {"type": "text", "text": words, "citations": citations}


def thinking(words: str) -> Block:
    """A thinking block."""
    return {"type": "thinking", "thinking": words, "signature": _SIGNATURE}


def tool_use(number: int, name: str, given: Block, caller: Block = DIRECT) -> Block:
    """A call of a tool of the user's."""
    return {
        "type": "tool_use",
        "id": f"toolu_01Exhibit{number:04d}",
        "name": name,
        "input": given,
        "caller": caller,
    }


def server_tool(number: int, name: str, given: Block) -> Block:
    """A call of a tool that runs on the server."""
    return {
        "type": "server_tool_use",
        "id": f"srvtoolu_01Exhibit{number:04d}",
        "name": name,
        "input": given,
        "caller": DIRECT,
    }


def tool_result(number: int, kind: str, content: object) -> Block:
    """What a server tool gave back; `kind` is the tool's name as in the block type."""
    return {
        "type": f"{kind}_tool_result",
        "tool_use_id": f"srvtoolu_01Exhibit{number:04d}",
        "content": content,
    }


def tool_error(number: int, kind: str, code: str) -> Block:
    """A server tool that failed."""
    return tool_result(number, kind, {"type": f"{kind}_tool_result_error", "error_code": code})
