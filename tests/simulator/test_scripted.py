import json
from collections import Counter
from typing import Any, get_args

import pytest
from anthropic.types import ContentBlock, Message, StopReason, TextCitation
from anthropic.types.messages import MessageBatchIndividualResponse

from batchtui.simulator.prose import EVALS, PAPERS, THEMES, TICKETS, Theme
from batchtui.simulator.scripted import ERRORS, Scripted


def rows_of(work: Scripted) -> list[dict[str, Any]]:
    body = b"".join(work.lines(work.total, "expired"))
    return [json.loads(line) for line in body.split(b"\n") if line]


def messages() -> list[dict[str, Any]]:
    rows = rows_of(Scripted(3, TICKETS, 1000, 100))
    return [row["result"]["message"] for row in rows if row["result"]["type"] == "succeeded"]


def types_of(union: Any) -> set[str]:
    """The discriminators of one of the SDK's tagged unions."""
    (members, *_) = get_args(union)
    return {get_args(member.model_fields["type"].annotation)[0] for member in get_args(members)}


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.prefix)
def test_every_line_is_what_the_sdk_expects(theme: Theme) -> None:
    for row in rows_of(Scripted(1, theme, 400, 40)):
        MessageBatchIndividualResponse.model_validate(row)
        if "message" in row["result"]:
            Message.model_validate(row["result"]["message"])


def test_every_stable_block_and_citation_type_occurs() -> None:
    blocks = [block for message in messages() for block in message["content"]]
    citations = [one for block in blocks for one in block.get("citations") or ()]

    assert {block["type"] for block in blocks} == types_of(ContentBlock)
    assert {citation["type"] for citation in citations} == types_of(TextCitation)


def test_every_stop_reason_occurs_and_only_refusals_have_details() -> None:
    assert {message["stop_reason"] for message in messages()} == set(get_args(StopReason))
    for message in messages():
        assert (message["stop_details"] is not None) == (message["stop_reason"] == "refusal")


def test_every_usage_field_is_used() -> None:
    usages = [message["usage"] for message in messages()]

    for name in usages[0]:
        assert any(usage[name] for usage in usages), name
    assert {usage["service_tier"] for usage in usages} == {"batch"}


def test_what_prices_depend_on_occurs() -> None:
    themed = {theme.prefix: rows_of(Scripted(3, theme, 1000)) for theme in (TICKETS, PAPERS, EVALS)}
    found = {name: [row["result"]["message"] for row in rows] for name, rows in themed.items()}
    usages = [message["usage"] for message in found["ticket"]]

    assert len({message["model"] for message in found["eval-case"]}) == 4
    assert {message["usage"]["inference_geo"] for message in found["paper"]} == {"us"}
    assert any(usage["cache_creation_input_tokens"] for usage in usages)
    assert any(usage["cache_read_input_tokens"] for usage in usages)
    assert any(usage["input_tokens"] > 100_000 for usage in usages)
    refusals = [message for message in found["ticket"] if message["stop_reason"] == "refusal"]
    assert {bool(message["content"]) for message in refusals} == {True, False}
    for usage in usages:
        written = usage["cache_creation"]
        assert usage["cache_creation_input_tokens"] == sum(written.values())


def test_errored_lines_show_every_kind() -> None:
    rows = rows_of(Scripted(3, TICKETS, 1000, 600))
    errors = [row["result"]["error"] for row in rows if row["result"]["type"] == "errored"]

    assert {error["error"]["type"] for error in errors} == {kind for kind, _, _ in ERRORS}
    assert {error["request_id"] is None for error in errors} == {True, False}


def test_a_batch_can_fail_for_one_reason() -> None:
    rows = rows_of(Scripted(3, TICKETS, 50, 50, errors=(7,)))

    assert {row["result"]["error"]["error"]["type"] for row in rows} == {"not_found_error"}


def test_lines_come_in_another_order_than_the_requests() -> None:
    names = [row["custom_id"] for row in rows_of(Scripted(3, TICKETS, 200))]

    assert names != sorted(names)
    assert sorted(names)[417 - 400] == "ticket-00017"


def test_some_files_lack_the_last_newline() -> None:
    ends = Counter(
        b"".join(Scripted(key, TICKETS, 70).lines(70, "expired")).endswith(b"\n")
        for key in range(10)
    )

    assert ends == {True: 5, False: 5}


def test_a_file_of_no_lines_is_empty() -> None:
    assert b"".join(Scripted(3, TICKETS, 0).lines(0, "expired")) == b""


def test_lines_of_the_big_batch_have_about_2_4_kilobytes() -> None:
    size = sum(map(len, Scripted(3, EVALS, 2000, 40).lines(2000, "expired")))

    assert 2200 < size / 2000 < 2600
