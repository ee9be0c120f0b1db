"""The state of a batch's results, against counting by hand."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batchtui.results import summary
from batchtui.results.opening import open_results_now
from batchtui.results.summary import OUTPUT_BOUNDS, Distribution, ErrorGroup, triage, triage_steps

LINE = st.tuples(
    st.sampled_from(["succeeded", "errored", "expired", "odd"]),
    st.integers(0, 30) | st.integers(0, 200_000),
    st.sampled_from(["m", "n"]),
    st.sampled_from(["end_turn", "refusal", ""]),
)
Line = tuple[str, int, str, str]


def write(path: Path, lines: list[Line]) -> None:
    with path.open("w") as file:
        for number, (kind, tokens, model, stop) in enumerate(lines):
            result: dict[str, object] = {"type": kind}
            if kind == "succeeded":
                usage = {"output_tokens": tokens}
                result["message"] = {
                    "model": model,
                    "stop_reason": stop,
                    "usage": usage,
                    "content": [{"type": "text", "text": "x"}],
                }
            elif kind == "errored":
                result["error"] = {"error": {"type": stop, "message": model * 3}}
            file.write(json.dumps({"custom_id": str(number), "result": result}) + "\n")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(lines=st.lists(LINE, max_size=40), block=st.sampled_from([1, 7, 1000]))
def test_triage_counts_what_counting_by_hand_counts(
    tmp_path: Path, lines: list[Line], block: int
) -> None:
    path = tmp_path / "batch.jsonl"
    write(path, lines)
    with pytest.MonkeyPatch.context() as patch, open_results_now(path) as file:
        patch.setattr(summary, "_BLOCK", block)
        found = triage(file)
    succeeded = [line for line in lines if line[0] == "succeeded"]
    outputs = sorted(tokens for _, tokens, _, _ in succeeded)
    assert found.tally == Counter(kind for kind, *_ in lines)
    assert found.stop_reasons == Counter(stop for *_, stop in succeeded if stop)
    assert found.models == Counter(model for _, _, model, _ in succeeded)
    assert found.usage.output_tokens == sum(outputs)
    assert {model: part.lines for model, part in found.billing.by_model().items()} == found.models
    failed = [(stop, model * 3) for kind, _, model, stop in lines if kind == "errored"]
    assert {(each.error_type, each.shape): each.lines for each in found.errors} == Counter(failed)
    if outputs:
        assert sum(found.outputs.lines) == len(outputs)
        assert found.outputs.median == outputs[(len(outputs) - 1) // 2]
        assert found.outputs.p90 == outputs[(len(outputs) * 9 + 9) // 10 - 1]
        assert found.outputs.most == outputs[-1]
        edges = pairwise([0, *OUTPUT_BOUNDS, 10**9])
        for (least, end), count in zip(edges, found.outputs.lines, strict=True):
            assert count == sum(least <= tokens < end for tokens in outputs)
    else:
        assert found.outputs == Distribution()


def test_triage_is_made_in_steps(tmp_path: Path) -> None:
    path = tmp_path / "batch.jsonl"
    write(path, [("succeeded", number, "m", "end_turn") for number in range(5000)])
    with open_results_now(path) as file:
        assert sum(1 for _ in triage_steps(file)) > 5


@pytest.mark.parametrize(
    ("kind", "again"), [("overloaded_error", True), ("invalid_request_error", False), ("", False)]
)
def test_errors_tell_whether_trying_again_may_help(kind: str, again: bool) -> None:
    assert ErrorGroup("errored", kind, "", 1, 0).retryable is again
