"""A job that is being sent, in words, and what is asked of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from batchtui.account.reconciling import Adopt, Doubt, Leave, SendAgain
from batchtui.account.submitting import Step
from batchtui.domain.batch import Batch, Record, RequestCounts
from batchtui.domain.errors import StorageError
from batchtui.domain.job import Job, Part, PartState, Round
from batchtui.ui.presenters.doubt import doubt_question, leave_question
from batchtui.ui.presenters.sending import interrupted_notice, sending_briefly, sent_notice

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def job(*states: PartState, name: str = "tickets-fr\x1b") -> Job:
    parts = tuple(
        Part(place, 0, 0, 100, 1, 10, 100, state=state, batch_id="b" * (state is PartState.CREATED))
        for place, state in enumerate(states, 1)
    )
    return Job(1, name, NOON, (Round(0, "/x.jsonl", 100, b"", 30, NOON),), parts)


DONE, PLANNED, UNKNOWN = PartState.CREATED, PartState.PLANNED, PartState.UNKNOWN


def test_how_far_it_is() -> None:
    running = job(DONE, PartState.SENDING, PLANNED)
    step = Step(running, running.parts[1], 41, 100)
    assert sending_briefly(step, NOON) == "sending tickets-fr\ufffd 2/3 41%"
    waits = Step(running, running.parts[1], 0, 100, "The queue is full", NOON)
    assert sending_briefly(waits, NOON).endswith("2/3 · waits until 12:00:00: The queue is full")
    waits = Step(
        running, running.parts[1], 0, 100, "The queue is full (req_1).", NOON + timedelta(days=1)
    )
    assert sending_briefly(waits, NOON).endswith("waits until tomorrow 12:00: The queue is full")
    waits = Step(running, running.parts[1], 0, 100, "Looking")
    assert sending_briefly(waits, NOON).endswith("2/3 · Looking")
    one = job(PartState.SENDING)
    assert sending_briefly(Step(one, one.parts[0]), NOON) == "sending tickets-fr\ufffd"


def test_how_it_ended() -> None:
    whole, open_, left = job(DONE, DONE), job(DONE, UNKNOWN), job(DONE, PLANNED, PLANNED)
    assert sent_notice(whole, whole) == ("information", "tickets-fr\ufffd was sent: 2 batches.")
    again = Round(2, "/y.jsonl", 9, b"", 7, NOON)
    retried = msgspec.structs.replace(whole, rounds=(*whole.rounds, again))
    assert sent_notice(retried, retried)[1] == ("Retry 2 of tickets-fr\ufffd was sent: 7 requests.")
    assert "is still open; u asks again" in sent_notice(open_, open_)[1]
    assert "was stopped at 1 of 3 batches; u goes on" in sent_notice(left, None)[1]
    severity, words = sent_notice(left, StorageError("The disk is full"))
    assert (severity, words) == ("error", "tickets-fr\ufffd: The disk is full.")


def test_what_was_interrupted() -> None:
    left = job(DONE, PLANNED)
    assert "was interrupted: 1 of 2 batches sent; u goes on" in interrupted_notice([left])
    assert interrupted_notice([left, left]).startswith("2 jobs were interrupted (tickets-fr")


def found(id_: str) -> Record:
    batch = Batch(
        id_,
        "in_progress",
        RequestCounts(processing=10),
        created_at=NOON + timedelta(seconds=2),
        expires_at=NOON + timedelta(days=1),
    )
    return Record(batch, NOON, NOON)


def test_what_is_asked_of_a_part_that_may_be_a_batch() -> None:
    lost = job(DONE, UNKNOWN)
    records = (found("msgbatch_2\x1b"), found("msgbatch_1"))
    question, decisions = doubt_question(
        Doubt(lost, lost.parts[1], records, "It\x1b closed."), NOON, "work"
    )
    says = "\n".join(row.content.plain for row in question.says)
    assert "It\ufffd closed." in says
    assert "Sent in work." in says
    assert "part 2 of 2: 10 requests" in says
    assert "these 2 batches have appeared" in says
    options = [str(each.words) for each in question.options]
    assert "msgbatch_2\ufffd  created 12:00:02 · in_progress" in options[0]
    assert [each.confirm for each in question.options] == ["", "", "10", ""]
    assert decisions == (Adopt("msgbatch_2\x1b"), Adopt("msgbatch_1"), SendAgain(), Leave())


def test_where_nothing_was_found_sending_again_is_simple() -> None:
    lost = job(UNKNOWN)
    question, decisions = doubt_question(Doubt(lost, lost.parts[0], ()), NOON, "work")
    says = "\n".join(row.content.plain for row in question.says)
    assert "It was sent, but no answer to that is known." in says
    assert "No batch of 10 requests has appeared" in says
    assert [each.confirm for each in question.options] == ["", ""]
    assert decisions == (SendAgain(), Leave())


def test_leaving_says_what_it_means() -> None:
    question = leave_question({"work": [job(DONE, PLANNED)]})
    says = "\n".join(row.content.plain for row in question.says)
    assert "tickets-fr\ufffd: 1 of 2 sent  in work" in says
    assert "--resume" in says
    assert [each.words for each in question.options][-1] == "Stay"
