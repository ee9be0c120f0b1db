"""What is seen of a request file while it goes by, piece after piece."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from batchtui.domain.json_values import text_of
from batchtui.domain.models import MOST_OUTPUT_TOKENS
from batchtui.domain.request import Problem
from batchtui.domain.text import safe_line, size
from batchtui.submissions.checked import Limits
from batchtui.submissions.cutting import ENVELOPE, Cutter, Lines
from batchtui.submissions.duplicates import Duplicates
from batchtui.submissions.estimate import OTHERS, Tally
from batchtui.submissions.grouping import Grouping
from batchtui.submissions.lines import BLANK, LONGEST, Piece, single_lines
from batchtui.submissions.measure import measured
from batchtui.submissions.quick import Accepted, accept
from batchtui.submissions.shapes import Shape, native, read_request

LARGE = 32_000_000
"""Bytes that the Messages API takes for one request by itself."""


class Look:
    """What has been seen of a file so far.

    Attributes:
        requests: how many lines hold something.
        blank_lines: how many do not.
    """

    def __init__(self, limits: Limits) -> None:
        self.requests = self.blank_lines = 0
        self.cutter = Cutter(limits)
        self.tally = Tally()
        self.problems = Grouping()
        self.duplicates = Duplicates()
        self._most = limits.bytes
        self._large = min(LARGE, limits.bytes - ENVELOPE)
        self._lines = 0
        self._shapes = dict.fromkeys(Shape, 0)
        self._in_fragments = False

    @property
    def shapes(self) -> Mapping[str, int]:
        """How many requests are of which shape."""
        return {str(shape): count for shape, count in self._shapes.items() if count}

    def take(self, piece: Piece) -> None:
        """Take the next piece."""
        if piece.is_fragment:
            self._fragment(piece)
            return
        accepted = _accepted(piece)
        if accepted is None or not self._take_all(piece, accepted):
            self._one_by_one(piece)

    def finish(self) -> None:
        """Say what can only be said of the whole file."""
        if not self.requests:
            self.problems.whole(Problem("", "There are no requests in it"), 1)
        for model, count in self.tally.models.items():
            if model not in MOST_OUTPUT_TOKENS and model != OTHERS:
                name = safe_line(model, 60)
                problem = Problem("model", f"{name} is not known here", is_warning=True)
                self.problems.whole(problem, count)

    def _take_all(self, piece: Piece, accepted: Accepted) -> bool:
        """Take good lines all at once; not if they must be cut in between, or may be too large."""
        requests = len(accepted.custom_ids)
        newline = piece.data.endswith(b"\n")
        bare = len(piece.data) - requests + (not newline)
        lines = Lines(
            piece.start,
            piece.start + len(piece.data),
            self._lines + 1,
            requests,
            bare,
            newline=newline,
        )
        if bare > self._large if requests == 1 else not self.cutter.fits(lines):
            return False
        self.cutter.add(lines)
        self.duplicates.add(accepted.custom_ids)
        for model, sums in accepted.sums.items():
            self.tally.add(model, sums.requests, sums.size, sums.output)
        self._count(Shape.NATIVE, requests)
        return True

    def _one_by_one(self, piece: Piece) -> None:
        for line in single_lines(piece):
            accepted = _accepted(line)
            if accepted is None or not self._take_all(line, accepted):
                self._look_closely(line)

    def _look_closely(self, line: Piece) -> None:
        """Take a line that is blank, translated, rare or bad."""
        if not line.data.strip(BLANK):
            self._lines += 1
            self.blank_lines += 1
            self.cutter.blank()
            return
        number = self._lines + 1
        request = read_request(line.data, number)
        is_native = request.refused or request.shape is Shape.NATIVE
        newline = line.data.endswith(b"\n")
        bare = len(line.data) - newline if is_native else len(native(line.data, number))
        problems = [*request.problems, *self._too_large(bare)]
        self.problems.add(number, request.shown_id, problems)
        self.cutter.add(
            Lines(
                line.start,
                line.start + len(line.data),
                number,
                1,
                bare,
                verbatim=is_native,
                newline=newline,
            )
        )
        if request.custom_id:
            self.duplicates.add([request.custom_id])
        self._measure(request.params)
        self._count(request.shape, 1)

    def _measure(self, params: Mapping[str, object]) -> None:
        if model := text_of(params, "model"):
            found, most = measured(params), params.get("max_tokens")
            output = most if isinstance(most, int) and most > 0 else 0
            self.tally.add(model, 1, found.size, output, (found.low, found.high))

    def _too_large(self, bare: int) -> Iterator[Problem]:
        if ENVELOPE + bare > self._most:
            yield Problem("", f"is larger than a batch may be ({size(self._most)})")
        elif bare > LARGE:
            yield Problem("", f"is larger than {size(LARGE)}", is_warning=True)

    def _fragment(self, piece: Piece) -> None:
        """Pass over a line that nobody can want to have in memory."""
        if not self._in_fragments:
            problem = Problem("", f"is longer than {size(LONGEST)}, which no request can be")
            self.problems.add(self._lines + 1, "", [problem])
            self._count(Shape.NATIVE, 1)
            self.cutter.blank()
        self._in_fragments = not piece.data.endswith(b"\n")

    def _count(self, shape: Shape, requests: int) -> None:
        self.requests += requests
        self._lines += requests
        self._shapes[shape] += requests


def _accepted(piece: Piece) -> Accepted | None:
    # What is very long is rare, and not to be copied.
    return accept(piece.data) if len(piece.data) <= LARGE else None
