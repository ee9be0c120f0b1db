"""Templates: what stands where, and what is wrong with one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from batchtui.cli.template import fill, read_template
from batchtui.domain.errors import BatchtuiError, UsageError

NAMES = ("running", "next_eta", "failed")
SAYS = {"running": "3", "next_eta": "12m", "failed": "0"}


def line(text: str) -> str:
    return fill(read_template(text, NAMES), SAYS.__getitem__, lambda name: name != "failed")


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{running}", "3"),
        ("{running} run{next_eta:, next in ~%}", "3 run, next in ~12m"),
        ("{failed}", "0"),
        ("a{failed: % failed}b", "ab"),
        ("{running:}", ""),
        ("{{running}}", "{running}"),
        ("{running:100%% of %}", "100% of 3"),
        ("", ""),
        ("nothing", "nothing"),
    ],
)
def test_what_stands_there(template: str, expected: str) -> None:
    assert line(template) == expected


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{runing}", 'no field "runing". Did you mean "running"?'),
        ("{zzz}", "There are running, next_eta, failed"),
        ("{}", 'no field ""'),
        ("{running.__class__}", "no field"),
        ("{running", 'A brace stands alone at "{running"'),
        ("running}", "A brace stands alone"),
    ],
)
def test_what_is_none(template: str, words: str) -> None:
    with pytest.raises(UsageError) as raised:
        line(template)
    assert words in str(raised.value)


@given(some.text(alphabet="{}:% runinge_ta\x1b"))
def test_any_text_is_a_line_or_a_sentence(template: str) -> None:
    said = ""
    try:
        line(template)
    except BatchtuiError as error:
        said = str(error)
    assert "\x1b" not in said
