from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.errors import UsageError
from batchtui.simulator.faults import KINDS, OPERATIONS, Fault, Faults, parse_fault


def struck(faults: Faults, operation: str = "list") -> str | None:
    """The kind of the fault that befalls the next request."""
    fault = faults.strike(operation).fault
    return fault.kind if fault else None


@pytest.mark.parametrize(
    ("spec", "fault"),
    [
        ("429:3", Fault("429", 5, OPERATIONS, count=3)),
        ("429=30", Fault("429", 30, OPERATIONS)),
        ("529@0.2", Fault("529", 0, OPERATIONS, rate=0.2)),
        ("reset/results:1", Fault("reset", 0, ("results",), count=1)),
        ("reset/list", Fault("reset", 0, ("list",))),
        ("reset", Fault("reset", 0, ("results",))),
        ("drop", Fault("drop", 0, ("create",))),
        ("latency=2.5@0.5", Fault("latency", 2.5, OPERATIONS, rate=0.5)),
        ("stall=1/results@1", Fault("stall", 1, ("results",), rate=1)),
    ],
)
def test_the_grammar(spec: str, fault: Fault) -> None:
    assert parse_fault(spec) == fault


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("428", "'428' is not a fault. Write KIND"),
        ("", "'' is not a fault"),
        ("429:many", "'429:many' is not a fault"),
        ("429:1@0.5", "is not a fault"),
        ("429/poll", "names no operation of the API. Choose one of create, retrieve, list,"),
        ("529=3", "529 takes no value"),
        ("529@1.5", "a rate lies between 0 and 1"),
    ],
)
def test_a_bad_specification_is_explained_in_one_sentence(spec: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_fault(spec)

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_kind_lists_all_kinds() -> None:
    with pytest.raises(UsageError) as caught:
        parse_fault("tornado")

    assert all(kind in str(caught.value) for kind in KINDS)


@given(st.text())
def test_any_text_is_a_fault_or_explained(spec: str) -> None:
    with suppress(UsageError):
        assert parse_fault(spec).kind in KINDS


def test_a_count_strikes_that_often_and_only_its_operation() -> None:
    faults = Faults(["429/list:2"])

    assert [struck(faults) for _ in range(4)] == ["429", "429", None, None]
    assert struck(faults, "retrieve") is None


def test_a_rate_strikes_about_that_share_the_same_every_time() -> None:
    def strikes(seed: int) -> list[bool]:
        faults = Faults(["529@0.2"], seed=seed)
        return [struck(faults) == "529" for _ in range(1000)]

    assert strikes(1) == strikes(1) != strikes(2)
    assert 150 < sum(strikes(1)) < 250


def test_faults_change_at_any_time() -> None:
    faults = Faults()
    assert struck(faults) is None

    faults.add("500")
    assert struck(faults) == "500"

    faults.clear()
    assert struck(faults) is None


def test_faults_follow_one_another() -> None:
    faults = Faults(["429:1", "529:2", "reset/list:1"])

    assert [struck(faults) for _ in range(5)] == ["429", "529", "529", "reset", None]


def test_latency_comes_on_top() -> None:
    strike = Faults(["500", "latency=2.5", "529"]).strike("list")

    assert strike.latency == 2.5
    assert strike.fault is not None
    assert strike.fault.kind == "500"
