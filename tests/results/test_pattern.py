from __future__ import annotations

import re
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.errors import UsageError
from batchtui.results import pattern as pattern_module
from batchtui.results.clue import clue_to
from batchtui.results.pattern import Pattern, fold

LETTERS = st.text("aAbBéÉßſKKİıiσςΣ\U00010400\U00010428 1", max_size=6)


def test_folding_keeps_every_letter_in_its_place_and_makes_none_ascii() -> None:
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        assert len(fold(char)) == 1
        assert char.isascii() or not fold(char).isascii()
        assert fold(fold(char)) == fold(char)
        if char not in (fold(char), "\u212a"):
            # what a letter is folded to can be told to have a case
            assert fold(char).upper() != fold(char)


@given(LETTERS, LETTERS)
def test_folding_does_not_depend_on_what_is_around(one: str, other: str) -> None:
    assert fold(one + other) == fold(one) + fold(other)
    assert len(fold(one)) == len(one)


def test_case_matters_if_there_is_a_capital() -> None:
    assert Pattern.compile("tide").spans("Tide tide") == [(0, 4), (5, 9)]
    assert Pattern.compile("Tide").spans("Tide tide") == [(0, 4)]
    assert Pattern.compile("é").found_in("CAFÉ")
    assert not Pattern.compile("É").found_in("café")
    assert Pattern.compile(r"\Side\b", regex=True).spans("TIDE tides") == [(0, 4)]
    assert Pattern.compile("(?P<a>tide) (?P=a)", regex=True).spans("Tide tide") == [(0, 9)]
    assert Pattern.compile("σοφος").found_in("ΣΟΦΟΣ")
    assert Pattern.compile("σοφος", regex=True).found_in("ΣΟΦΟΣ")


def test_plain_text_means_itself() -> None:
    assert Pattern.compile("a.c(").spans("abc( a.c(") == [(5, 9)]
    assert Pattern.compile("a").found_in("x", "ya")
    assert not Pattern.compile("a").found_in()


def test_the_ends_of_lines_are_ends_and_matches_have_a_length() -> None:
    assert Pattern.compile("^b$", regex=True).spans("a\nb\nc") == [(2, 3)]
    assert Pattern.compile("x*", regex=True).spans("axxb") == [(1, 3)]


@pytest.mark.parametrize(
    ("text", "regex", "said"),
    [
        ("", False, "nothing to search for"),
        ("", True, "nothing to search for"),
        ("(a", True, "no regular expression: missing \\), unterminated subpattern"),
        ("a{99999999999999999999}", True, "no regular expression"),
        ("(" * 5000 + ")" * 5000, True, "no regular expression"),
    ],
)
def test_what_cannot_be_searched_for_is_said(text: str, regex: bool, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Pattern.compile(text, regex=regex)


@pytest.mark.parametrize("regex", ["(a+)+$", "(a|a)*$", "(.*)*x", "(?:a+a+)+y"])
def test_a_hopeless_regular_expression_is_given_up(
    regex: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pattern_module, "TOO_LONG", 0.05)
    pattern = Pattern.compile(regex, regex=True)
    for look in (pattern.found_in, pattern.spans):
        with pytest.raises(UsageError, match="takes too long to match"):
            look("a" * 50 + "b")


def test_other_threads_match_as_well() -> None:
    found: list[bool] = []
    pattern = Pattern.compile("b+", regex=True)
    thread = threading.Thread(target=lambda: found.append(pattern.found_in("abb")))
    thread.start()
    thread.join()
    assert found == [True]


@given(st.text("ab\n", max_size=200), st.sampled_from(["a+", "ab", "b$", "^a", "a?b", r"\ba"]))
def test_long_text_is_matched_stretch_by_stretch(text: str, regex: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pattern_module, "LONGEST", 40)
        patch.setattr(pattern_module, "OVERLAP", 20)
        found = Pattern.compile(regex, regex=True).spans(text)
    whole = [each.span() for each in re.finditer(regex, text, re.MULTILINE)]
    if all(end - start <= 20 for start, end in whole):
        assert found == whole


# Clues


@pytest.mark.parametrize(
    ("text", "regex", "needle"),
    [
        ("Tide", False, b"Tide"),
        ("tide", False, b"tide"),
        ('say "tides"', False, b"tides"),
        ("tide\ntables", False, b"tables"),
        ("Über", False, "Über".encode()),
        ("über", False, b"ber"),
        ("日本", False, "日本".encode()),
        ("é", False, None),
        ("/", False, None),
        ("tide tables?", True, b"tide table"),
        (r"tide\.tables", True, b"tide.tables"),
        ("tid+e", True, b"tid"),
        ("tides*|x", True, None),
        ("(tide)ab", True, b"ab"),
        ("(?i)tide", True, None),
        ("ti[de]s", True, b"ti"),
        (r"a\x41bc", True, b"bc"),
        ("a{2}b{", True, b"b{"),
        ("(?#x)abc", True, None),
        (".*", True, None),
    ],
)
def test_the_longest_run_in_every_match_is_the_clue(
    text: str, regex: bool, needle: bytes | None
) -> None:
    clue = clue_to(Pattern.compile(text, regex=regex))
    assert (clue and clue.needle) == needle


REGEX = st.recursive(
    st.sampled_from(["a", "b", "é", "日", "c", r"\.", r"\d", ".", "[ab]", "[^]a]", "^", r"\x61"]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.builds("(?:{}){}".format, inner, st.sampled_from(["", "?", "*", "+", "{0,2}", "+?"])),
        st.builds("{}{}".format, inner, st.sampled_from(["+", "{1}", "?"])),
        st.builds("(?:{}|{})".format, inner, inner),
        st.builds("{}|{}".format, inner, inner),
    ),
    max_leaves=8,
)


@given(REGEX, st.text("abcé日.5", max_size=12))
def test_every_match_has_the_clue(regex: str, text: str) -> None:
    try:
        pattern = Pattern.compile(regex, regex=True)
    except UsageError:
        return  # two repetitions in a row
    clue = clue_to(pattern)
    if clue is not None and pattern.found_in(text):
        assert clue.is_in(text.encode())
