"""What a person is asked of a submission: whether a batch came of a part, and whether to leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from textual.content import Content

from batchtui.account.reconciling import Adopt, Decision, Doubt, Leave, SendAgain
from batchtui.domain.batch import Record
from batchtui.domain.job import Job
from batchtui.domain.text import clock, count, counted, crop_middle, long_duration, safe_line
from batchtui.ui.presenters.flow import Row
from batchtui.ui.presenters.state import LOUD, QUIET
from batchtui.ui.widgets.confirming import Option, Question

_NAME = 30
_NOTHING = Row(Content(""))


def doubt_question(
    doubt: Doubt, now: datetime, where: str
) -> tuple[Question, tuple[Decision, ...]]:
    """What is known of a part that may have become a batch, and what each answer decides.

    Args:
        doubt: what was found.
        now: the present, in the zone times are shown in.
        where: the account it is about; safe.
    """
    part, found = doubt.part, doubt.candidates
    name = crop_middle(safe_line(doubt.job.name), _NAME)
    requests = counted(part.requests, "request")
    which = f"part {part.number} of {len(doubt.job.parts)}" if len(doubt.job.parts) > 1 else ""
    at = part.attempted_at
    when = f", begun at {clock(at.astimezone(now.tzinfo))}" if at else ""
    why = safe_line(doubt.why) or "It was sent, but no answer to that is known."
    what = f"{name}{f', {which}' if which else ''}: {requests}{when}."
    if found:
        then = f"With as many requests, {_these(found)} appeared since then:"
    elif doubt.blind:
        then = "Whether one has appeared since then cannot be looked up here."
    else:
        then = f"No batch of {requests} has appeared since then."
    known = "The API cannot tell a request sent twice, and bills both."
    options = [Option(_candidate(each, at, now)) for each in found]
    again = Option("None came of it: send it again", str(part.requests) if found else "")
    question = Question(
        f"Did a batch come of {name}?",
        (
            Row(Content.styled(why, LOUD)),
            _NOTHING,
            Row(Content(what)),
            Row(Content.assemble("Sent in ", (where, "bold"), ".")),
            Row(Content.styled(known, QUIET)),
            _NOTHING,
            Row(Content(then)),
        ),
        (*options, again, Option("Leave it open for now")),
    )
    return question, (*(Adopt(each.id) for each in found), SendAgain(), Leave())


def _these(found: Sequence[Record]) -> str:
    return "this batch has" if len(found) == 1 else f"these {len(found)} batches have"


def _candidate(record: Record, begun: datetime | None, now: datetime) -> Content:
    batch = record.batch
    created = batch.created_at.astimezone(now.tzinfo)
    later = f" (+{long_duration(created - begun)})" if begun and created >= begun else ""
    return Content.assemble(
        "It became ",
        (crop_middle(safe_line(batch.id), _NAME), "bold"),
        (f"  created {clock(created)}{later} · {safe_line(batch.processing_status, 20)}", QUIET),
    )


def leave_question(jobs: Mapping[str, Sequence[Job]]) -> Question:
    """Whether to leave while jobs are being sent, by the account they are sent in; safe names."""
    rows = [
        Row(
            Content.assemble(
                (crop_middle(safe_line(job.name), _NAME), "bold"),
                f": {count(len(job.batch_ids))} of {count(len(job.parts))} sent",
                (f"  in {where}", QUIET),
            )
        )
        for where, sent in jobs.items()
        for job in sent
    ]
    what = (
        "Leaving stops sending. What became a batch goes on at the API, and nothing is lost or "
        "sent twice: u in the list goes on with the rest, and so does `batchtui submit --resume`."
    )
    return Question(
        "Leave while this is being sent?",
        (*rows, _NOTHING, Row(Content(what))),
        (Option("Stop sending and leave"), Option("Stay")),
    )
