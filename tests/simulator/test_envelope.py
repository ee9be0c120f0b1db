import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.simulator.envelope import open_envelope
from batchtui.simulator.errors import WireError


def body_of(*custom_ids: object, **rest: object) -> bytes:
    return json.dumps(
        {"requests": [{"custom_id": one, "params": {}} for one in custom_ids], **rest}
    ).encode()


PATTERN = "String should match pattern '^[a-zA-Z0-9_-]{1,64}$'"
REFUSED = [
    (b"[]", "Input should be a valid dictionary"),
    (b"{}", "requests: Field required"),
    (b'{"requests":3}', "requests: Input should be a valid list"),
    (b'{"requests":null}', "requests: Input should be a valid list"),
    (b'{"requests":[{"custom_id":"a","params":{}},7]}', "requests.1: Input should be a valid"),
    (body_of(), "requests: List should have at least 1 item after validation, not 0"),
    (body_of("a", model="x"), "model: Extra inputs are not permitted"),
    (b'{"requests":[{"params":{}}]}', "requests.0.custom_id: Field required"),
    (b'{"requests":[{"custom_id":"a"}]}', "requests.0.params: Field required"),
    (
        b'{"requests":[{"custom_id":"a","params":{},"x":1}]}',
        "requests.0.x: Extra inputs are not permitted",
    ),
    (body_of(1), "requests.0.custom_id: Input should be a valid string"),
    (body_of("a", ""), "requests.1.custom_id: String should have at least 1 character"),
    (body_of("x" * 65), "requests.0.custom_id: String should have at most 64 characters"),
    (body_of("a b"), f"requests.0.custom_id: {PATTERN}"),
    (body_of("a\n"), f"requests.0.custom_id: {PATTERN}"),
    (
        body_of("dup", "b", "dup"),
        "requests: custom_id's must be unique within a batch. Duplicate custom_id found: dup",
    ),
    (
        b'{"requests":[' + b",".join([b"{}"] * 100_001) + b"]}",
        "requests: List should have at most 100000 items after validation, not 100001",
    ),
]


@pytest.mark.parametrize(("body", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_the_first_thing_wrong_is_said(body: bytes, message: str) -> None:
    with pytest.raises(WireError) as caught:
        open_envelope(body)

    assert caught.value.status == 400
    assert caught.value.kind == "invalid_request_error"
    assert caught.value.message.startswith(message)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b'{"requests":[{"custom_id":"\\ud800","params":{}}]}',
        b'{"requests":' + b"[" * 5000 + b"]" * 5000 + b"}",
    ],
)
def test_what_is_no_json_is_called_so(body: bytes) -> None:
    with pytest.raises(WireError, match=r"is not valid JSON: |a valid dictionary"):
        open_envelope(body)


@given(st.binary() | st.text().map(str.encode))
def test_no_body_breaks_it(body: bytes) -> None:
    with pytest.raises(WireError):
        open_envelope(body)


def test_a_good_envelope_keeps_the_params_as_they_came() -> None:
    (request,) = open_envelope(b'{"requests":[{"custom_id":"a_B-1","params":{"x": 1 }}]}')

    assert request.custom_id == "a_B-1"
    assert bytes(request.params) == b'{"x": 1 }'
