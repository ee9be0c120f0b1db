"""The records, custom_ids and names of an index while it is being built."""

from __future__ import annotations

import struct
from collections import defaultdict
from typing import cast

from batchtui.domain.result import REFUSAL, SUCCEEDED, Message
from batchtui.results import index, index_file
from batchtui.results.append_only import AppendOnly
from batchtui.results.billing import Billing, Key, Meter, Tokens
from batchtui.results.head import Head, HeadUsage, message_shape

OTHERS = "(others)"
"""Stands for the names of a file that has more different ones than any sane file."""

_AT_ONCE = 512
_ROOM = 8 * 1024 * 1024
MOST_WORDS = 10_000
MOST_SHAPES = 2_000
_LONGEST_NAME = 200
_NO_TOKENS = HeadUsage().counts()
_MOST = 2**32 - 1

_pack = index.RECORD.pack


class Records:
    """Takes what is known of lines, one after another, and makes an index of it at any time."""

    def __init__(self) -> None:
        self._words = Numbering(MOST_WORDS)
        self._shapes = Numbering(MOST_SHAPES)
        self._records = AppendOnly(_ROOM)
        self._ids = AppendOnly(_ROOM)
        self._ids.add(index.ID_MARK)
        self._ids_end = len(self._ids)
        self._meter = Meter()
        # What came last is put away in one go, which is quicker.
        self._new: list[bytes] = []
        self._new_ids: list[bytes] = []
        self._billed: defaultdict[Key, list[Tokens]] = defaultdict(list)

    def __len__(self) -> int:
        return len(self._records) // index.RECORD.size + len(self._new)

    def add(self, start: int, size: int, head: Head, full: Message | None = None) -> None:
        """Take a line.

        Args:
            start: the offset of its first byte in the file.
            size: how many bytes it has.
            head: what it says.
            full: its message, if it may be a refusal.
        """
        words, result = self._words, head.result
        message, error = result.message, result.error
        kind = words[result.type]
        error_type = stop_reason = model = shape = geo = category = outright = 0
        tokens = _NO_TOKENS
        if message is not None:
            stop_reason, model = words[message.stop_reason], words[message.model]
            usage = message.usage
            if usage is not None:
                tokens, geo = usage.counts(), words[usage.inference_geo]
        if error is not None:
            body = error.error or error
            error_type = words[body.type]
            shape = self._shapes[message_shape(body.message or "")]
        if full is not None and full.stop_reason == REFUSAL:
            category = words[full.stop_details.category if full.stop_details else ""]
            outright = full.refused_outright
        custom_id = head.custom_id.encode("utf-8", "surrogatepass")
        self._new_ids.append(custom_id)
        end = self._ids_end + len(custom_id)
        self._ids_end = end + 1
        names = kind, error_type, stop_reason, model, shape, geo, category, outright
        try:
            packed = _pack(start, end, size, *tokens, *names)
        except struct.error:
            size, *sane = (min(max(0, number), _MOST) for number in (size, *tokens))
            tokens = cast("Tokens", tuple(sane))
            packed = _pack(start, end, size, *tokens, *names)
        self._new.append(packed)
        if result.type == SUCCEEDED:
            self._billed[model, geo, category if outright else None].append(tokens)
        if len(self._new) >= _AT_ONCE:
            self._settle()

    def snapshot(self) -> index.Index:
        """The index of the lines so far; it costs next to nothing, and never changes."""
        self._settle()
        heap = index.Heap(self._ids.data, 0, len(self._ids))
        return index.Index(self._records.view(), heap, self._names(), self._billing())

    def encode(self, identity: index_file.Identity) -> list[index_file.Part]:
        """The index of the lines so far, in the parts of its file."""
        self._settle()
        records, ids = self._records.view(), self._ids.view()
        return index_file.encode(identity, records, ids, self._names(), self._billing())

    def _settle(self) -> None:
        if self._new:
            self._records.add(b"".join(self._new))
            self._ids.add(index.ID_MARK.join(self._new_ids) + index.ID_MARK)
            self._meter.add(self._billed.items())
            self._new.clear()
            self._new_ids.clear()
            self._billed.clear()

    def _names(self) -> index.Names:
        return index.Names(self._words.texts.copy(), self._shapes.texts.copy())

    def _billing(self) -> Billing:
        return self._meter.billing(self._words.texts)


class Numbering(dict[str | None, int]):
    """Numbers for names, given out as they appear; only so many are told apart.

    Attributes:
        texts: the names by their numbers; 0 is nothing, 1 is all beyond the limit.
    """

    def __init__(self, limit: int) -> None:
        super().__init__({None: 0, "": 0})
        self.texts = ["", OTHERS]
        self._limit = limit

    def __missing__(self, name: str | None) -> int:
        assert name is not None
        # What is kept must be short, and must be text: lone surrogates are not.
        text = name[:_LONGEST_NAME].encode("utf-8", "replace").decode()
        if text != name:
            return self[text]
        if len(self.texts) >= self._limit:
            return 1
        self[text] = len(self.texts)
        self.texts.append(text)
        return self[text]
