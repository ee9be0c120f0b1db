"""What is checked while a create request waits: the JSON, the envelope, the custom_ids."""

import re
from collections.abc import Iterable
from mmap import mmap

import msgspec

from batchtui.domain.request import MOST_REQUESTS
from batchtui.simulator.errors import WireError, invalid

_CUSTOM_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_CUSTOM_IDS = re.compile(rf"(?:{_CUSTOM_ID.pattern}\n)+")

Body = bytes | mmap
"""What came with a create request, in memory or in a file."""


class Submission(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """One request of a batch: its id, and its params as they came, not yet looked at.

    The params are a part of the body, not a copy of it.
    """

    custom_id: str
    params: msgspec.Raw


class _Envelope(msgspec.Struct, forbid_unknown_fields=True):
    requests: list[Submission]


_ENVELOPES = msgspec.json.Decoder(_Envelope)


def open_envelope(body: Body) -> list[Submission]:
    """Take the requests out of the body of a create request.

    Raises:
        WireError: The first thing wrong with it, in the words of the API.
    """
    try:
        found = _ENVELOPES.decode(body).requests
    except (msgspec.MsgspecError, RecursionError):
        return _examined(body)
    custom_ids = [submission.custom_id for submission in found]
    fine = (
        len(found) <= MOST_REQUESTS
        and _CUSTOM_IDS.fullmatch("\n".join((*custom_ids, "")))
        and len(set(custom_ids)) == len(custom_ids)
    )
    return found if fine else _examined(body)


def _examined(body: Body) -> list[Submission]:
    """The requests, looked at one by one so that what is wrong can be named."""
    try:
        envelope = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except msgspec.ValidationError:
        raise invalid("Input should be a valid dictionary") from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise _not_json(error) from None
    if "requests" not in envelope:
        raise invalid("requests: Field required")
    requests = _requests(envelope.pop("requests"))
    for name in envelope:
        raise invalid(f"{name}: Extra inputs are not permitted")
    if not requests:
        raise invalid("requests: List should have at least 1 item after validation, not 0")
    if len(requests) > MOST_REQUESTS:
        raise invalid(
            f"requests: List should have at most {MOST_REQUESTS} items after validation, "
            f"not {len(requests)}"
        )
    found = [_request(number, request) for number, request in enumerate(requests)]
    _refuse_duplicates(submission.custom_id for submission in found)
    return found


def decode(raw: msgspec.Raw) -> object:
    """A part of the body that was not looked into so far.

    Raises:
        WireError: It is not JSON after all: a lone surrogate, or too deep to follow.
    """
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _not_json(error) from None


def _requests(raw: msgspec.Raw) -> list[dict[str, msgspec.Raw]]:
    try:
        return msgspec.json.decode(raw, type=list[dict[str, msgspec.Raw]])
    except msgspec.ValidationError as error:
        place = re.search(r"\$\[(\d+)]", str(error))
        if place is None:
            raise invalid("requests: Input should be a valid list") from None
        raise invalid(f"requests.{place[1]}: Input should be a valid dictionary") from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise _not_json(error) from None


def _not_json(error: Exception) -> WireError:
    return invalid(f"The request body is not valid JSON: {error}")


def _request(number: int, request: dict[str, msgspec.Raw]) -> Submission:
    where = f"requests.{number}"
    if "custom_id" not in request:
        raise invalid(f"{where}.custom_id: Field required")
    custom_id = decode(request["custom_id"])
    if not isinstance(custom_id, str):
        raise invalid(f"{where}.custom_id: Input should be a valid string")
    if not custom_id:
        raise invalid(f"{where}.custom_id: String should have at least 1 character")
    if len(custom_id) > 64:
        raise invalid(f"{where}.custom_id: String should have at most 64 characters")
    if not _CUSTOM_ID.fullmatch(custom_id):
        raise invalid(f"{where}.custom_id: String should match pattern '^[a-zA-Z0-9_-]{{1,64}}$'")
    if "params" not in request:
        raise invalid(f"{where}.params: Field required")
    for name in request:
        if name not in ("custom_id", "params"):
            raise invalid(f"{where}.{name}: Extra inputs are not permitted")
    return Submission(custom_id, request["params"])


def _refuse_duplicates(custom_ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for custom_id in custom_ids:
        if custom_id in seen:
            raise invalid(
                "requests: custom_id's must be unique within a batch. "
                f"Duplicate custom_id found: {custom_id}"
            )
        seen.add(custom_id)
