"""Cuts the lines of a request file into batches, and digests the file and each of them."""

from __future__ import annotations

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self

import msgspec

from batchtui.domain.job import Part
from batchtui.submissions.checked import Limits

DIGEST_SIZE = 16

ENVELOPE = len(b'{"requests":[]}')

_BLOCK = 8_000_000
"""Bytes digested in one go, so that the thread for that seldom asks for the interpreter."""


class Lines(msgspec.Struct, frozen=True):
    """Lines of a request file that follow each other.

    Attributes:
        start: offset of the first.
        stop: offset behind the last, and its newline.
        number: of the first.
        requests: how many hold one.
        bare: bytes of these as they go to the API, without newlines.
        verbatim: whether all go there as they stand, with nothing between them but line breaks.
        newline: whether the last has one.
    """

    start: int
    stop: int
    number: int
    requests: int
    bare: int
    verbatim: bool = True
    newline: bool = True

    @property
    def body(self) -> int:
        """Bytes of the body of a create request with them.

        Where they go as they stand, every newline but the last becomes a comma.
        """
        if self.verbatim:
            return ENVELOPE + self.stop - self.start - self.newline
        return ENVELOPE + self.bare + self.requests - 1


class _Stretch:
    """Lines that become one batch, as far as they have been seen."""

    def __init__(self, extent: Lines) -> None:
        self.extent = extent
        self.running = hashlib.blake2b(digest_size=DIGEST_SIZE)
        self.digest = b""

    def grown(self, more: Lines, *, after_blank: bool) -> Lines:
        """What its lines would be with these."""
        own = self.extent
        return Lines(
            own.start,
            more.stop,
            own.number,
            own.requests + more.requests,
            own.bare + more.bare,
            own.verbatim and more.verbatim and not after_blank,
            more.newline,
        )

    def part(self, number: int) -> Part:
        """The batch it becomes."""
        own = self.extent
        return Part(
            number=number,
            round=0,
            start=own.start,
            stop=own.stop,
            first_line=own.number,
            requests=own.requests,
            size=own.body,
            digest=self.digest,
            verbatim=own.verbatim,
        )


class Cutter:
    """Cuts as late as the limits allow."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._stretches: list[_Stretch] = []
        self._untouched = 0
        self._blank = False

    def fits(self, lines: Lines) -> bool:
        """Whether all of these lines can join the last batch."""
        last = self._stretches[-1] if self._stretches else None
        return last is not None and self._fits(last.grown(lines, after_blank=self._blank))

    def add(self, lines: Lines) -> None:
        """Add lines that follow what was added last: one, or several that fit."""
        last = self._stretches[-1] if self._stretches else None
        if last is not None and self._fits(grown := last.grown(lines, after_blank=self._blank)):
            last.extent = grown
        else:
            self._stretches.append(_Stretch(lines))
        self._blank = False

    def _fits(self, extent: Lines) -> bool:
        return extent.requests <= self._limits.requests and extent.body <= self._limits.bytes

    def blank(self) -> None:
        """Pass over a blank line."""
        self._blank = True

    def touched(self, end: int) -> list[tuple[_Stretch, int]]:
        """The batches with lines that were not asked for yet, each with where it ends by now.

        Args:
            end: nobody will ask again for what stands before this offset.
        """
        touched = [(each, each.extent.stop) for each in self._stretches[self._untouched :]]
        for _, stop in touched[:-1]:
            self._untouched += stop <= end
        return touched

    def parts(self) -> tuple[Part, ...]:
        """All batches, once all has been digested."""
        return tuple(each.part(number) for number, each in enumerate(self._stretches, 1))


class Digester:
    """Digests in a thread of its own what is read, as it is read; to be used with `with`.

    While one buffer is digested the other is filled; both are used again and again.

    Args:
        cutter: has always seen what is to be digested.
    """

    def __init__(self, cutter: Cutter) -> None:
        self._cutter = cutter
        self._whole = hashlib.blake2b(digest_size=DIGEST_SIZE)
        self._thread = ThreadPoolExecutor(1, "digests")
        self._running: Future[None] | None = None
        self._filling, self._spare = (memoryview(bytearray(_BLOCK)) for _ in range(2))
        self._start = self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(cancel_futures=True)

    def take(self, data: bytes) -> None:
        """Take the next bytes of the file."""
        view = memoryview(data)
        while view:
            part, view = view[: _BLOCK - self._size], view[_BLOCK - self._size :]
            self._filling[self._size : self._size + len(part)] = part
            self._size += len(part)
            if self._size == _BLOCK:
                self._pass_on()

    def finish(self) -> bytes:
        """The digest of the file; those of the batches are then there, too."""
        self._pass_on()
        self._wait()
        return self._whole.digest()

    def _pass_on(self) -> None:
        self._wait()
        data = self._filling[: self._size]
        end = self._start + self._size
        self._running = self._thread.submit(
            self._digest, self._start, data, self._cutter.touched(end)
        )
        self._filling, self._spare = self._spare, self._filling
        self._start = end
        self._size = 0

    def _wait(self) -> None:
        if self._running is not None:
            self._running.result()

    def _digest(self, start: int, data: memoryview, stretches: list[tuple[_Stretch, int]]) -> None:
        self._whole.update(data)
        for stretch, stop in stretches:
            behind = max(stop - start, 0)
            if behind:
                stretch.running.update(data[max(stretch.extent.start - start, 0) : behind])
                stretch.digest = stretch.running.digest()
        if stretches:
            # Blank lines behind its end are its own only if another line of it comes.
            stretch, stop = stretches[-1]
            stretch.running.update(data[max(stop - start, 0) :])
