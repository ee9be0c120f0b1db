"""A batch as one JSON object: the API's own fields to the letter, and what batchtui adds."""

from __future__ import annotations

from datetime import datetime

import msgspec

from batchtui.domain.batch import Record

_encode = msgspec.json.Encoder().encode


def json_line(record: Record, body: bytes, now: datetime, *, job: str = "") -> bytes:
    """The object `body` with one more field, `batchtui`.

    Put together as bytes: so unknown fields, big numbers and the order of things stay.

    Args:
        record: what is known of the batch.
        body: the JSON object it was read from; has at least one field.
        now: the present.
        job: the name of the job it belongs to; "" if to none.
    """
    end = body.rindex(b"}")
    return body[:end] + b',"batchtui":' + _encode({**record.annotations(now), "job": job}) + b"}"
