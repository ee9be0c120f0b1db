"""What came of one check: how it stands, what was found, what to do."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from batchtui.domain.errors import BatchtuiError


class Verdict(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


GLYPHS = {Verdict.OK: "✓", Verdict.WARN: "!", Verdict.FAIL: "✗"}


class Finding(msgspec.Struct, frozen=True):
    """What came of one check.

    Attributes:
        check: what was looked at, in a word.
        found: as a sentence without its full stop. Foreign text may be in it.
        todo: what to do, likewise; "" if there is nothing to do.
        exit_code: of the command, if this is the worst there is.
    """

    check: str
    verdict: Verdict
    found: str
    todo: str = ""
    exit_code: int = 0

    @property
    def words(self) -> str:
        """What was found and what to do, as sentences."""
        sentences = (each.rstrip(".") for each in (self.found, self.todo) if each)
        return " ".join(each if each.endswith("?") else f"{each}." for each in sentences)


def ok(check: str, found: str, todo: str = "") -> Finding:
    """A finding that all is well; there may be more to be had."""
    return Finding(check, Verdict.OK, found, todo)


def warn(check: str, found: str, todo: str) -> Finding:
    """A finding that something could be better."""
    return Finding(check, Verdict.WARN, found, todo)


def fail(check: str, found: str, todo: str, *, exit_code: int = 1) -> Finding:
    """A finding that something does not work."""
    return Finding(check, Verdict.FAIL, found, todo, exit_code)


def failed_by(check: str, error: BatchtuiError, todo: str = "") -> Finding:
    """A finding that an error stands in the way; `todo` is for one that knows of none."""
    code = 4 if error.exit_code == 4 else 1
    return fail(check, error.what, error.todo or todo, exit_code=code)


def exit_code(findings: Iterable[Finding]) -> int:
    """0 if nothing failed, 4 if credentials did, else 1."""
    return max((each.exit_code for each in findings), default=0)
