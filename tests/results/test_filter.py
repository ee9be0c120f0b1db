from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.results.filter import EVERYTHING, Filter, Range

PIECES = st.sampled_from(
    [
        *("errored", "type:", "stop:", "error:", "shape:", "out", "in", ">", "<", "=", "1", "1.5"),
        *("k", "!", '"', '""', " ", "x", "X-1", "ü", "\t", "9999999999999999999"),
    ]
)
TYPED = st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=30)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("", Filter()),
        ("errored", Filter(types=frozenset({"errored"}))),
        ("errored expired", Filter(types=frozenset({"errored", "expired"}))),
        ("type:new_one", Filter(types=frozenset({"new_one"}))),
        ("stop:max_tokens", Filter(stop_reasons=frozenset({"max_tokens"}))),
        ("error:overloaded_error", Filter(error_types=frozenset({"overloaded_error"}))),
        ("Model:Haiku", Filter(models=frozenset({"Haiku"}))),
        ('shape:"a: N > N"', Filter(shapes=frozenset({"a: N > N"}))),
        ('shape:"a ""b"" c"', Filter(shapes=frozenset({'a "b" c'}))),
        ('error:""', Filter(error_types=frozenset({""}))),
        ("out>1000", Filter(output_tokens=Range(least=1001))),
        ("in<=500", Filter(input_tokens=Range(most=500))),
        ("out>=1.5k out<2M", Filter(output_tokens=Range(1500, 1_999_999))),
        ("out=1,024", Filter(output_tokens=Range(1024, 1024))),
        ("out<0", Filter(output_tokens=Range(most=-1))),
        ("in>999999999999999m", Filter(input_tokens=Range(least=10**14))),
        ("req-1 b", Filter(custom_id="req-1 b")),
        ('"errored"', Filter(custom_id="errored")),
        ("!errored", Filter(without=(Filter(types=frozenset({"errored"})),))),
        ("!out>5", Filter(without=(Filter(output_tokens=Range(least=6)),))),
        ('!"a b"', Filter(without=(Filter(custom_id="a b"),))),
        # half typed
        ("stop: out> in ! !! model:", Filter(custom_id="in")),
        ("out>x stopp:y", Filter(custom_id="out>x stopp:y")),
        ('shape:"a b', Filter(shapes=frozenset({"a b"}))),
    ],
)
def test_words_are_read(text: str, asked: Filter) -> None:
    assert Filter.parse(text) == asked
    assert Filter.parse(asked.words) == asked
    assert bool(asked) is (asked != EVERYTHING)


@given(TYPED)
def test_every_text_is_a_filter_and_its_words_mean_the_same(text: str) -> None:
    asked = Filter.parse(text)
    assert Filter.parse(asked.words) == asked
    assert Filter.parse(asked.words).words == asked.words


@given(st.sets(st.text(), min_size=1, max_size=3), st.sets(st.text(), max_size=2))
def test_any_names_can_be_put_into_words(shapes: set[str], types: set[str]) -> None:
    asked = Filter(shapes=frozenset(shapes), types=frozenset(types))
    assert Filter.parse(asked.words) == asked


def test_ranges_meet() -> None:
    assert Range(1, 5) & Range(3, None) == Range(3, 5)
    assert Range() & Range(None, 2) == Range(None, 2)
    assert not Range()
    assert Range(least=0)
