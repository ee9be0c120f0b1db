"""What is sent again, and why: over a batch, over a job, and with what a person wants."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from batchtui.account.answers import Answers, open_answers
from batchtui.account.retrying import RetryPlan, Wanted, plan_retry
from batchtui.account.rewriting import Written, write_requests
from batchtui.domain.account import AccountKey
from batchtui.domain.batch import RequestCounts, Sighting, decode_batch
from batchtui.domain.errors import RequestFileError, UsageError
from batchtui.domain.job import Job, Part, PartState, Round
from batchtui.history.history import History
from batchtui.results.store import ResultStore
from batchtui.submissions.settings import read_settings

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
ANSWERS = {
    "a": "end_turn",
    "b": "overloaded_error",
    "c": "expired",
    "d": "invalid_request_error",
    "e": "max_tokens",
    "f": "canceled",
    "g": "billing_error",
    "h": "pause_turn",
    "i": "martian_error",
}


def request(custom_id: str) -> bytes:
    messages = [{"role": "user", "content": f"about {custom_id}"}]
    params = {"model": "claude-x", "max_tokens": 10, "messages": messages}
    return json.dumps({"custom_id": custom_id, "params": params}).encode() + b"\n"


def result(custom_id: str, how: str) -> bytes:
    value: dict[str, Any] = {"type": how}
    if how.endswith("_error"):
        error = {"type": how, "message": f"no {custom_id}: 17"}
        value = {"type": "errored", "error": {"type": "error", "error": error}}
    elif how not in ("expired", "canceled"):
        content = [{"type": "text", "text": "so far"}]
        value = {"type": "succeeded", "message": {"stop_reason": how, "content": content}}
    return json.dumps({"custom_id": custom_id, "result": value}).encode() + b"\n"


class Desk:
    """A history, result files and request files."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.history = History.open(directory, AccountKey("test", "", "key"), now=NOW)
        self.store = ResultStore(directory / "results")
        self.store.directory.mkdir()

    def batch(self, batch_id: str, answers: Mapping[str, str] | None, **counts: int) -> str:
        """A batch that has ended, with its results here unless there are none."""
        body = {
            "id": batch_id,
            "type": "message_batch",
            "processing_status": "in_progress" if answers is None else "ended",
            "request_counts": counts or {"succeeded": len(answers or ())},
            "created_at": NOW - timedelta(hours=1),
            "expires_at": NOW + timedelta(hours=1),
            "results_url": None if answers is None else "/results",
        }
        data = json.dumps(body, default=str).encode()
        self.history.observe([Sighting(decode_batch(data), data)], at=NOW)
        if answers is not None:
            lines = b"".join(result(*each) for each in answers.items())
            self.store.path(batch_id).write_bytes(lines)
        return batch_id

    def file(self, name: str, custom_ids: str) -> Path:
        path = self.directory / name
        path.write_bytes(b"".join(map(request, custom_ids)))
        return path

    def job(self, *rounds: tuple[str, list[tuple[str, str]]]) -> Job:
        """A job; each round a file, and the batches with their custom_ids; "" is not sent."""
        made: list[Round] = []
        parts: list[Part] = []
        for number, (name, batches) in enumerate(rounds):
            start, first = 0, 1
            for batch_id, ids in batches:
                stop = start + sum(len(request(each)) for each in ids)
                state = PartState.CREATED if batch_id else PartState.PLANNED
                place = len(parts) + 1
                size = stop - start
                part = Part(place, number, start, stop, first, len(ids), size, state=state)
                parts.append(Part(**{**_fields(part), "batch_id": batch_id}))
                start, first = stop, first + len(ids)
            path = self.file(name, "".join(ids for _, ids in batches))
            made.append(Round(number, str(path), start, b"d", first - 1, NOW))
        own = [[part for part in parts if part.round == each.number] for each in made]
        job = self.history.jobs.add("tickets", made[0], own[0], at=NOW)
        for round_, sent in zip(made[1:], own[1:], strict=True):
            job = self.history.jobs.add_round(job.key, round_, sent)
        return job

    def open(self, batch_id: str = "", job: Job | None = None) -> Answers:
        records = {each.id: each for each in self.history.records(limit=100)}
        return open_answers(self.store, records, job=job, batch_id=batch_id, at=NOW)


def _fields(part: Part) -> dict[str, Any]:
    return {name: getattr(part, name) for name in Part.__struct_fields__}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


class Lines:
    """Takes what is written."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data


def written(answers: Answers, **wanted: Any) -> tuple[RetryPlan, Written, bytes]:
    plan, lines = plan_retry(answers, Wanted(**wanted)), Lines()
    done = write_requests(answers, plan, lines)
    assert lines.data.count(b"\n") == done.requests
    assert len(lines.data) == done.size
    return plan, done, lines.data


def chosen(answers: Answers, **wanted: Any) -> str:
    plan = plan_retry(answers, Wanted(**wanted))
    return "".join(sorted(each for ids in plan.rounds.values() for each in ids))


@pytest.fixture
def lone(desk: Desk) -> Answers:
    """A batch in no job, with its request file; of one request there is no result."""
    desk.batch("one", ANSWERS, succeeded=3, errored=4, canceled=1, expired=2)
    desk.history.annotate("one", request_file=str(desk.file("asks.jsonl", "ihgfedcbaz")))
    return desk.open("one")


def test_what_may_succeed_is_sent_again_and_the_rest_kept_apart(lone: Answers) -> None:
    plan, done, data = written(lone)
    assert data == b"".join(map(request, "ifcbz"))
    assert {(each.kind, each.why) for each in plan.reasons} == {
        ("errored", "overloaded_error"),
        ("errored", "martian_error"),
        ("expired", "expired"),
        ("canceled", "canceled"),
        ("missing", "without a result"),
    }
    assert [(each.error_type, each.shape, each.first) for each in plan.apart] == [
        ("invalid_request_error", "no d: N", ("d",)),
        ("billing_error", "no g: N", ("g",)),
    ]
    assert plan.apart[0].words == "1 invalid_request_error: no d: N (d)"
    assert done.instead_of == RequestCounts(errored=2, canceled=1, expired=2)
    assert plan.words[0].startswith("To be sent again: 5 requests (")
    assert plan.words[1] == "Kept apart, because they would fail again: 2 requests."


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ({"types": {"expired"}}, "c"),
        ({"types": {"missing"}}, "z"),
        ({"types": frozenset(), "stop_reasons": {"max_tokens"}}, "e"),
        ({"stop_reasons": {"max_tokens"}}, "bcefiz"),
        ({"types": {"errored"}, "error_types": {"billing_error"}}, "g"),
        ({"types": None, "custom_ids": {"a", "d", "z", "?"}}, "adz"),
        ({"types": {"expired"}, "custom_ids": {"a", "c"}}, "c"),
        ({"types": {"errored"}, "settings": read_settings(["max_tokens=20"])}, "bdi"),
        ({"types": {"martian"}}, ""),
    ],
)
def test_what_is_asked_for(lone: Answers, wanted: dict[str, Any], ids: str) -> None:
    assert chosen(lone, **wanted) == ids


def test_settings_and_paused_answers(lone: Answers) -> None:
    settings = read_settings(["max_tokens=20"])
    _, done, data = written(
        lone, types=frozenset(), stop_reasons={"pause_turn", "max_tokens"}, settings=settings
    )
    paused, cut = map(json.loads, data.splitlines())
    assert cut["params"]["max_tokens"] == paused["params"]["max_tokens"] == 20
    assert [each["role"] for each in paused["params"]["messages"]] == ["user", "assistant"]
    assert len(cut["params"]["messages"]) == 1
    assert done.instead_of == RequestCounts(succeeded=2)


def test_requests_that_are_not_in_the_file_are_named(desk: Desk) -> None:
    desk.batch("one", ANSWERS)
    desk.history.annotate("one", request_file=str(desk.file("asks.jsonl", "ab")))
    _, done, data = written(desk.open("one"))
    assert data == request("b")
    assert [sorted(each) for each in done.lost.values()] == [["c", "f", "i"]]
    assert "3 of them are not in" in done.words[0]
    desk.file("asks.jsonl", "xyz")
    with pytest.raises(RequestFileError, match="Not one of the requests"):
        written(desk.open("one"))
    desk.history.annotate("one", request_file="")
    with pytest.raises(UsageError, match="batchtui link"):
        written(desk.open("one"))


def test_a_file_of_several_batches_does_not_say_what_is_missing(desk: Desk) -> None:
    desk.batch("one", {"a": "expired"}, expired=2)
    desk.history.annotate("one", request_file=str(desk.file("asks.jsonl", "abcdef")))
    plan, _, data = written(desk.open("one"))
    assert data == request("a")
    assert "1 request without a result cannot be named" in plan.words[-1]


def test_of_a_job_every_request_comes_from_the_file_of_its_round(desk: Desk) -> None:
    desk.batch("one", {"a": "end_turn", "b": "expired", "c": "max_tokens"})
    desk.batch("two", {"d": "overloaded_error", "e": "expired"})
    desk.batch("again", {"b": "expired", "e": "end_turn"})
    job = desk.job(
        ("asks.jsonl", [("one", "abc"), ("two", "de")]),
        ("again.jsonl", [("again", "be")]),
    )
    (desk.directory / "again.jsonl").write_bytes(request("b").replace(b"10", b"99") + request("e"))
    plan, done, data = written(desk.open(job=job))
    assert set(plan.rounds) == {0, 1}
    assert data == request("d") + request("b").replace(b"10", b"99")
    assert done.instead_of == RequestCounts(errored=1, expired=1)
    assert chosen(desk.open(job=job, batch_id="two")) == "d"


def test_what_is_being_sent_again_is_left_out(desk: Desk) -> None:
    desk.batch("one", {"a": "expired", "b": "expired", "c": "max_tokens"})
    desk.batch("again", None, processing=1)
    job = desk.job(
        ("asks.jsonl", [("one", "abc"), ("", "xy")]),
        ("again.jsonl", [("again", "a"), ("", "c")]),
    )
    answers = desk.open(job=job)
    plan = plan_retry(answers, Wanted(stop_reasons=frozenset({"max_tokens"})))
    assert plan.requests == 1
    assert plan.underway == 2
    assert "b" in plan.rounds[0]
    assert plan.words[-1] == "Left out, because they were sent again already: 2."
    assert "Not looked at: 3 not sent." in answers.unready


def test_what_may_have_been_answered_is_not_paid_for_twice(desk: Desk) -> None:
    desk.batch("one", {"a": "expired", "b": "expired", "c": "expired"})
    desk.batch("again", {"a": "end_turn", "b": "expired"}, succeeded=2, expired=1)
    with desk.store.path("again").open("ab") as file:
        file.write(b'{"custom_id":"c","result":{"type":"succ')
    job = desk.job(("asks.jsonl", [("one", "abc")]), ("again.jsonl", [("again", "abc")]))
    answers = desk.open(job=job)
    plan = plan_retry(answers, Wanted())
    assert [ids for ids in map(list, plan.rounds.values()) if ids] == [["b"]]
    assert plan.underway == 1
    assert "`batchtui fetch again` gets them again." in answers.unready[0]


def test_results_count_as_they_came_last(desk: Desk) -> None:
    desk.batch("one", {"a": "max_tokens"})
    desk.batch("again", {"a": "expired"})
    job = desk.job(("asks.jsonl", [("one", "a")]), ("again.jsonl", [("again", "a")]))
    assert chosen(desk.open(job=job)) == ""
    _, done, data = written(desk.open(job=job), stop_reasons={"max_tokens"})
    assert data == request("a")
    assert done.instead_of == RequestCounts(expired=1)


def test_of_a_job_a_request_without_a_result_is_missing(desk: Desk) -> None:
    desk.batch("one", {"a": "end_turn"}, succeeded=1, canceled=1)
    job = desk.job(("asks.jsonl", [("one", "ab"), ("", "cd")]))
    _, done, data = written(desk.open(job=job))
    assert data == request("b")
    assert done.instead_of == RequestCounts(canceled=1)
