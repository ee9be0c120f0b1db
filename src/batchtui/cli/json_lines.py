"""Batches and jobs as JSON objects: of a batch the API's own fields to the letter, and ours."""

from __future__ import annotations

from datetime import datetime

import msgspec

from batchtui.domain.batch import Record
from batchtui.domain.job import Job

_encode = msgspec.json.Encoder().encode


def json_line(
    record: Record, body: bytes, now: datetime, *, job: str = "", account: str | None = None
) -> bytes:
    """The object `body` with one more field, `batchtui`.

    Put together as bytes: so unknown fields, big numbers and the order of things stay.

    Args:
        record: what is known of the batch.
        body: the JSON object it was read from; has at least one field.
        now: the present.
        job: the name of the job it belongs to; "" if to none.
        account: the name of the account it is in; None if that need not be said.
    """
    ours = {**record.annotations(now), "job": job}
    if account is not None:
        ours["account"] = account
    return body[: body.rindex(b"}")] + b',"batchtui":' + _encode(ours) + b"}"


def job_line(job: Job) -> bytes:
    """An object with the one field `batchtui_job`, from which a job can be made again."""
    return _encode({"batchtui_job": job})
