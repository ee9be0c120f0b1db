"""What is billed, read from the start of an index."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batchtui.domain.pricing import Cost, Price, PriceTable
from batchtui.domain.result import Usage
from batchtui.results import index_file
from batchtui.results.billing import Billing, Group
from batchtui.results.index_file import read_billing
from batchtui.results.opening import index_path, open_results_now

PRICES = PriceTable("", {"m": (Price(1, 2, 3, 4, 5),)}, web_search=0)


def write(path: Path, models: list[str]) -> None:
    lines = [
        {
            "custom_id": str(number),
            "result": {
                "type": "succeeded",
                "message": {"model": model, "usage": {"output_tokens": 1_000_000}},
            },
        }
        for number, model in enumerate(models)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A result file with its index."""
    path = tmp_path / "batch.jsonl"
    write(path, ["m", "m", "other"])
    open_results_now(path).close()
    return path


def test_a_file_is_priced_without_being_opened(path: Path) -> None:
    billing = read_billing(path)
    assert billing == Billing(
        (
            Group("m", "", None, 0, 2, Usage(output_tokens=2_000_000)),
            Group("other", "", None, 0, 1, Usage(output_tokens=1_000_000)),
        )
    )
    assert billing.cost(PRICES) == Cost(4.0, {"other": 1}, 2)
    with open_results_now(path) as file:
        assert file.index.billing == billing


def test_more_groups_than_are_read_at_first(path: Path) -> None:
    write(path, [f"model-{number}" for number in range(200)])
    open_results_now(path).close()
    billing = read_billing(path)
    assert billing
    assert billing.lines == len(billing.groups) == 200


def test_without_a_file_or_its_index_nothing_is_known(path: Path) -> None:
    index_path(path).rename(path.with_name("elsewhere"))
    assert read_billing(path) is None
    path.with_name("elsewhere").rename(index_path(path))
    path.unlink()
    assert read_billing(path) is None


def test_of_a_file_of_another_size_nothing_is_known(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)
    assert read_billing(path) is None


def test_of_another_version_nothing_is_known(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_file, "_VERSION", 99)
    assert read_billing(path) is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_of_a_damaged_index_nothing_wrong_is_known(path: Path, data: st.DataObject) -> None:
    whole, right = index_path(path).read_bytes(), read_billing(path)
    if data.draw(st.booleans()):
        damaged = whole[: data.draw(st.integers(0, len(whole) - 1))]
    else:
        at = data.draw(st.integers(0, len(whole) - 1))
        damaged = whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :]
    index_path(path).write_bytes(damaged)
    assert read_billing(path) in (None, right)
    index_path(path).write_bytes(whole)
