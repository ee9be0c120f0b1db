from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.pricing import Price, PriceTable
from batchtui.results.export.exporting import Format
from batchtui.results.export.markdown import block, span
from tests.results.export.conftest import Make, answer, deep, exported, failure, line

PRICES = PriceTable("2026-01-01", {"claude-x": (Price(1e6, 0, 0, 0, 0),)}, web_search=0.0)


def shown(make: Make, *lines: bytes) -> str:
    with make(b"\n".join(lines)) as file:
        return exported(file, Format.MARKDOWN, prices=PRICES).data.decode()


def test_a_line_is_a_section(make: Make) -> None:
    cited = {
        "type": "text",
        "text": "two",
        "citations": [{"type": "x", "cited_text": "the words", "document_title": "the book"}],
    }
    blocks = ({"type": "thinking", "thinking": "hm"}, "one ", cited)
    assert shown(make, answer("a", *blocks, usage={"input_tokens": 2, "output_tokens": 1})) == (
        "## `a`\n\nsucceeded · `end_turn` · `claude-x` · 2 tokens in · 1 out · $2.00\n\n"
        "Thinking:\n\n```text\nhm\n```\n\n"
        "```text\none two\n```\n\n"
        "- `the book`: `the words`\n\n"
    )


def test_what_failed_says_why(make: Make) -> None:
    text = shown(make, failure("b", "overloaded_error", "Overloaded"), line("c", "expired"), b"no")
    assert text == (
        "## `b`\n\n`errored` · `overloaded_error`\n\n```text\nOverloaded\n```\n\n"
        "Request `req_1`\n\n"
        "## `c`\n\n`expired`\n\n"
        "## line 3\n\n`unreadable`\n\nThis line is unreadable: `not JSON`\n\n"
    )


def test_every_kind_of_content_is_there(make: Make) -> None:
    tool = {"type": "tool_use", "id": "1", "name": "look", "input": {"a": [1, "ü"]}}
    result = {"type": "web_search_tool_result", "tool_use_id": "1", "content": ["found"]}
    odd, redacted = {"type": "odd", "x": 2**70}, {"type": "redacted_thinking", "data": "x"}
    details = {"category": "cyber", "explanation": "no"}
    text = shown(make, answer("a", tool, result, odd, redacted, 7, stop_details=details))
    assert '`tool_use` `look`:\n\n```json\n{\n  "a": [\n    1,\n    "ü"\n  ]\n}\n```' in text
    assert '`web_search_tool_result`:\n\n```json\n[\n  "found"\n]\n```' in text
    assert f'"x": {2**70}' in text
    assert "Thinking was redacted." in text
    assert "Unknown content:\n\n```json\n7\n```" in text
    assert "Refused: `cyber` `no`" in text


@pytest.mark.parametrize("levels", [300, 900, 10_000])
def test_deep_nesting_is_no_end(make: Make, levels: int) -> None:
    text = shown(make, deep(levels), answer("after", "x"))
    assert text.startswith("## `deep`")
    assert "## `after`" in text


FOREIGN = st.text() | st.text(alphabet="`\n\r ~#a\t\\<>")


@given(FOREIGN)
def test_no_text_ends_its_block(text: str) -> None:
    fence, *inside, end = block(text)[:-1].split("\n")
    ticks = re.fullmatch("(`{3,})text", fence)
    assert ticks
    assert end == ticks[1]
    assert "\n".join(inside) in (text, text.removesuffix("\n"))
    assert ticks[1] not in text


@given(FOREIGN.filter(bool))
def test_no_text_ends_its_span(text: str) -> None:
    shown = span(text)
    assert "\n" not in shown
    assert "\r" not in shown
    ticks = re.match("`+", shown)
    assert ticks
    inside = shown[len(ticks[0]) : -len(ticks[0])]
    assert shown == f"{ticks[0]}{inside}{ticks[0]}"
    assert ticks[0] not in re.findall("`+", inside)


def test_hostile_names_stay_in_their_place(make: Make) -> None:
    hostile = "a`\n# heading\n```\n<script>\x1b[2J"
    text = shown(make, answer(hostile, hostile, model=hostile, stop_reason=hostile))
    heading, facts = text.split("\n")[0], text.split("\n")[2]
    assert heading == "## ````a`⏎# heading⏎```⏎<script>\ufffd[2J````"
    assert facts.count("`" * 4) == 4
    assert "\n````text\na`\n# heading\n```\n<script>\x1b[2J\n````\n" in text
