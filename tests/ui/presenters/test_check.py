"""What is said of a request file that was looked at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from batchtui.domain.job import Job, Part, PartState, Round
from batchtui.domain.pricing import Price, PriceTable
from batchtui.submissions.checked import Checked, Group, Progress, Where
from batchtui.submissions.estimate import Estimate, Use
from batchtui.ui.presenters.check import check_lines, check_titles, checking_lines
from batchtui.ui.presenters.offers import Act, Offer, first_offer, offers, refusal

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PRICES = PriceTable("2026-11-23", {"claude": (Price(1.0, 5.0, 0, 0, 0),)}, 10.0)


def part(number: int, requests: int, state: PartState = PartState.PLANNED) -> Part:
    return Part(number, 0, 0, 100, 1, requests, requests * 100, state=state)


def checked(
    *requests: int, output: int = 1000, model: str = "claude", problems: Sequence[Group] = ()
) -> Checked:
    total = sum(requests)
    return Checked(
        path=Path("/data/tickets\x1b.jsonl"),
        size=total * 100,
        mtime_ns=int((NOON.timestamp() - 7200) * 1e9),
        digest=b"d" * 16,
        requests=total,
        blank_lines=2,
        shapes={"native": total - 1, "openai": 1},
        models={model: total},
        problems=tuple(problems),
        warnings=(),
        parts=tuple(part(place, number) for place, number in enumerate(requests, 1)),
        estimate=Estimate((Use(model, total, 10_000, 20_000, output),)),
    )


def job(key: int, *states: PartState) -> Job:
    rounds = (Round(0, "/data/tickets.jsonl", 100, b"", 30, NOON),)
    parts = tuple(part(place, 10, state) for place, state in enumerate(states, 1))
    return Job(key, "tickets\x1b", NOON, rounds, parts)


def said(found: Checked, before: Sequence[Job] = (), width: int = 100) -> str:
    return "\n".join(line.plain for line in check_lines(found, before, PRICES, NOON, width))


def may(found: Checked | None, before: Sequence[Job] = ()) -> tuple[Offer, ...]:
    return offers(found, before, PRICES, may_send=True, where="work")


def test_what_a_file_holds() -> None:
    words = said(checked(20))
    assert "requests    20 · 2.0 kB · changed 2h ago · 2 blank lines" in words
    assert "written as  native 19, openai 1" in words
    assert "batches     1 · 2.0 kB to be sent" in words
    assert "in about 10k–20k · out at most 1.0k  estimated" in words
    assert "$0.01" in words
    assert "\x1b" not in words


def test_how_it_is_cut() -> None:
    assert "3, one job · 10 + 10 + 5 requests · at most 1.0 kB each" in said(checked(10, 10, 5))
    assert "3, one job · 10 requests each · at most" in said(checked(10, 10, 10))
    assert "10 + 10 + 10 + 5 requests" in said(checked(10, 10, 10, 5))
    assert "10 + 10 + 10 + … + 5 requests" in said(checked(10, 10, 10, 10, 10, 5))


def test_a_price_that_is_not_known_is_not_made_up() -> None:
    words = said(checked(20, model="claude-next"))
    assert "no price known for 20 requests of claude-next" in words
    assert "$" not in words


def test_problems_are_grouped_with_line_and_field_and_how_many_more() -> None:
    first = (Where(3, "a\x1b", "params.messages.0.role"), Where(9, "", "", like=3))
    group = Group("params.messages.*.role", "is missing", 31, first)
    found = checked(20, problems=[group, Group("", "There are no requests in it", 1)])
    words = said(found)
    assert "✗ 31 params.messages.*.role is missing" in words
    assert "line 3 (a\ufffd) · line 9 like line 3 · and 29 more" in words
    assert "and 1 more" not in words
    assert "price" not in words
    assert "32 problems: cannot be sent" in str(check_titles(found, ()).top_right)
    assert all(len(line) <= 40 for line in said(found, width=40).splitlines())


def test_what_was_made_of_it_before_is_said() -> None:
    before = [job(1, PartState.CREATED, PartState.PLANNED)]
    words = said(checked(20), before)
    assert "This file was submitted 12:00 as tickets\ufffd: 0 of 2 batches sent, then" in words
    assert "submitted already" in str(check_titles(checked(20), before).top_right)


def test_how_far_the_look_is() -> None:
    words = [line.plain for line in checking_lines("x", Progress(25, 100, 1000, 3), 80)]
    assert " 25%" in words[2]
    assert words[3] == "1,000 requests · 25 B of 100 B · 3 lines with a problem"
    assert "opening" in checking_lines("x", None, 80)[2].plain
    again = checking_lines("x", Progress(25, 100, 1000, 0, again=True), 80)
    assert "once more" in again[3].plain


def test_one_cheap_batch_needs_no_number() -> None:
    send, *others = may(checked(20))
    assert (send.option.words, send.option.confirm) == ("Send 1 batch in work", "")
    assert [each.act for each in others] == [Act.CHECK_AGAIN, Act.OTHER_FILE]


def test_several_batches_want_their_number_and_much_money_its_amount() -> None:
    assert may(checked(10, 10, 5))[0].option.confirm == "3"
    [send, *_] = may(checked(20, output=20_000_000))
    assert send.option.confirm == "101"
    assert send.option.words == "Send 1 batch for up to $100.02 in work"


def test_a_second_time_is_never_the_first_choice() -> None:
    whole = [job(1, PartState.CREATED, PartState.CREATED)]
    found = may(checked(20), whole)
    assert found[0].option.confirm == "1"
    assert "once more" in str(found[0].option.words)
    assert found[first_offer(found, whole)].act is Act.OTHER_FILE


def test_an_interrupted_job_is_gone_on_with_first() -> None:
    interrupted = [job(1, PartState.CREATED, PartState.PLANNED)]
    found = may(checked(20), interrupted)
    assert found[first_offer(found, interrupted)].act is Act.GO_ON
    assert "send the missing 1 batch" in str(found[0].option.words)
    under_way = offers(
        checked(20), interrupted, PRICES, may_send=True, where="work", under_way=(1,)
    )
    assert Act.GO_ON not in {each.act for each in under_way}


def test_what_is_bad_or_may_not_be_sent_is_not_offered() -> None:
    bad = msgspec.structs.replace(checked(20), problems=(Group("", "No", 1),))
    for found in (
        may(bad),
        may(None),
        offers(checked(20), (), PRICES, may_send=False, where="work"),
    ):
        assert [each.act for each in found] == [Act.CHECK_AGAIN, Act.OTHER_FILE]
    assert refusal(read_only=True, offline=False).startswith("READ-ONLY")
    assert refusal(read_only=False, offline=True).startswith("OFFLINE")
    assert refusal(read_only=False, offline=False) == ""
    assert "takes no new batches" in refusal(read_only=False, offline=False, lacking=True)
