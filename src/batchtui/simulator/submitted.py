"""The work of a batch that was created through the API: its requests, kept and answered."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

import msgspec

from batchtui.simulator.answers import answer
from batchtui.simulator.chance import identifier, shuffle_of
from batchtui.simulator.envelope import Submission, decode
from batchtui.simulator.lifecycle import Leftover
from batchtui.simulator.message import encode
from batchtui.simulator.params import LineError, check_params
from batchtui.simulator.pieces import in_pieces


class Submitted(msgspec.Struct, frozen=True):
    """The requests as they came, and what is wrong with some of them.

    Attributes:
        errors: By place in the request list.
        errored_turns: When in the order of processing those come up, ascending.
    """

    key: int
    requests: Sequence[Submission]
    errors: dict[int, LineError]
    errored_turns: list[int]

    @property
    def total(self) -> int:
        """How many requests."""
        return len(self.requests)

    def errored_before(self, turn: int) -> int:
        """How many of the first `turn` requests in processing order come back errored."""
        return bisect_left(self.errored_turns, turn)

    def lines(self, processed: int, leftover: Leftover) -> Iterator[bytes]:
        """The result file in pieces; the last newline is missing."""
        return in_pieces(self._lines(processed, leftover), last_newline=False)

    def _lines(self, processed: int, leftover: Leftover) -> Iterator[bytes]:
        order = shuffle_of(self.total, self.key, "order")
        turns = shuffle_of(self.total, self.key, "turns")
        for place in range(self.total):
            index = order(place)
            done = turns(index) < processed
            result = self._result(index) if done else {"type": leftover}
            yield encode({"custom_id": self.requests[index].custom_id, "result": result})

    def _result(self, index: int) -> dict[str, object]:
        request = self.requests[index]
        error = self.errors.get(index)
        if error is None:
            params = decode(request.params)
            assert isinstance(params, dict), "checked when the batch was created"
            return {"type": "succeeded", "message": answer(params, self.key, request.custom_id)}
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


def submit(requests: Sequence[Submission], key: int, *, version: str, betas: str) -> Submitted:
    """Look at the params of every request and take them on."""
    errors = {}
    for index, request in enumerate(requests):
        error = check_params(decode(request.params), version=version, betas=betas)
        if error is not None:
            errors[index] = error
    turns = shuffle_of(len(requests), key, "turns")
    return Submitted(key, requests, errors, sorted(turns(index) for index in errors))
