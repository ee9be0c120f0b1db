"""Nothing that is known to be secret, or looks like it, is left in what is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.settings import secrets


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins with nothing learned."""
    monkeypatch.setattr(secrets, "_learned", set())


def test_the_variables_of_the_sdk_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "plain-looking")
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "x-token: hidden-value")
    assert secrets.scrub("a plain-looking b hidden-value") == "a [key] b [key]"


@pytest.mark.parametrize(
    "secret", ["sk-ant-api03-xyz", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x", "Bearer abc"]
)
def test_what_looks_secret_is_one(secret: str) -> None:
    assert secret.removeprefix("Bearer ") not in secrets.scrub(f"said: {secret}!")


def test_what_was_learned_stays_known() -> None:
    assert "correct-horse" in secrets.scrub("correct-horse")
    secrets.learn("correct-horse battery-staple")
    assert secrets.scrub("battery-staple and correct-horse") == "[key] and [key]"


def test_a_secret_that_begins_like_another_leaves_no_rest() -> None:
    secrets.learn("abcdefgh")
    secrets.learn("abcdefgh-ijkl")
    assert secrets.scrub("abcdefgh-ijkl") == "[key]"


def test_words_too_short_to_be_keys_are_left_alone() -> None:
    secrets.learn("short")
    assert secrets.scrub("short", ["be"]) == "short"


@given(st.text(), st.lists(st.text(min_size=8, alphabet=st.characters(categories=["L", "N"]))))
def test_none_of_those_given_is_left(text: str, known: list[str]) -> None:
    said = secrets.scrub(text + "".join(known), known)
    assert not any(each in said for each in known)
