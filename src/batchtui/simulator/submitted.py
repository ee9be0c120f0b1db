"""The work of a batch that was created through the API: its requests, kept and answered."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence, Set

import msgspec

from batchtui.simulator.answers import answer
from batchtui.simulator.chance import identifier, shuffle_of
from batchtui.simulator.envelope import Body, Submission, decode, open_envelope
from batchtui.simulator.lifecycle import Leftover
from batchtui.simulator.message import encode
from batchtui.simulator.params import EXPIRED, LineError, check_params
from batchtui.simulator.pieces import in_pieces


class Submitted(msgspec.Struct, frozen=True):
    """The requests as they came, and which of them will have no answer.

    Attributes:
        body: The create request; the requests are looked up in it when they are needed.
        errors: By place in the request list.
        errored_turns: When in the order of processing errors come up, ascending.
        expired_turns: When those come up that just expire.
        failed_once: The custom_ids that fail here, and will not in a later batch.
    """

    key: int
    body: Body
    total: int
    errors: Mapping[int, LineError]
    errored_turns: Sequence[int]
    expired_turns: Sequence[int]
    failed_once: frozenset[str]

    def errored_before(self, turn: int) -> int:
        """How many of the first `turn` requests in processing order come back errored."""
        return bisect_left(self.errored_turns, turn)

    def expired_before(self, turn: int) -> int:
        """How many of them expire."""
        return bisect_left(self.expired_turns, turn)

    def lines(self, processed: int, leftover: Leftover) -> Iterator[bytes]:
        """The result file in pieces; the last newline is missing."""
        return in_pieces(self._lines(processed, leftover), last_newline=False)

    def request_lines(self) -> Iterator[bytes]:
        """The requests as they came, in their order, a line each."""
        for request in open_envelope(self.body):
            line = b'{"custom_id":"%s","params":%s}\n'
            yield line % (request.custom_id.encode(), memoryview(request.params))

    def _lines(self, processed: int, leftover: Leftover) -> Iterator[bytes]:
        requests = open_envelope(self.body)
        order = shuffle_of(self.total, self.key, "order")
        turns = shuffle_of(self.total, self.key, "turns")
        for place in range(self.total):
            index = order(place)
            request = requests[index]
            done = turns(index) < processed
            result = self._result(index, request) if done else {"type": leftover}
            yield encode({"custom_id": request.custom_id, "result": result})

    def _result(self, index: int, request: Submission) -> dict[str, object]:
        error = self.errors.get(index)
        if error is None:
            params = decode(request.params)
            assert isinstance(params, dict), "checked when the batch was created"
            size = len(memoryview(request.params))
            message = answer(params, self.key, request.custom_id, size=size)
            return {"type": "succeeded", "message": message}
        if error.kind == EXPIRED:
            return {"type": "expired"}
        worker = identifier("workerreq_", self.key, request.custom_id)
        return {
            "type": "errored",
            "error": {
                "type": "error",
                "error": {
                    "details": {"error_visibility": "user_facing"},
                    "type": error.kind,
                    "message": error.message,
                },
                "request_id": worker if error.by_worker else None,
            },
        }


def submit(
    body: Body,
    requests: Sequence[Submission],
    key: int,
    *,
    version: str,
    betas: str,
    failed_once: Set[str],
) -> Submitted:
    """Look at the params of every request and take them on.

    Args:
        body: What the requests are a part of.
        requests: As the envelope held them.
        key: Sets this batch apart from every other.
        version: The API version that applies.
        betas: The `anthropic-beta` header.
        failed_once: The custom_ids that have failed as often as they wished to.
    """
    errors, failing = {}, set()
    for index, request in enumerate(requests):
        error = check_params(decode(request.params), version=version, betas=betas)
        if error is None or (error.once and request.custom_id in failed_once):
            continue
        errors[index] = error
        if error.once:
            failing.add(request.custom_id)
    turns = shuffle_of(len(requests), key, "turns")

    def when(expired: bool) -> list[int]:
        found = errors.items()
        return sorted(turns(index) for index, error in found if (error.kind == EXPIRED) is expired)

    return Submitted(
        key=key,
        body=body,
        total=len(requests),
        errors=errors,
        errored_turns=when(expired=False),
        expired_turns=when(expired=True),
        failed_once=frozenset(failing),
    )
