"""Each check judges facts it is given: places, history, programs, credential, API, clock."""

from __future__ import annotations

import os
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from batchtui.cli.checkup.database import judge_history
from batchtui.cli.checkup.finding import Finding, Verdict, exit_code, fail, failed_by, ok, warn
from batchtui.cli.checkup.places import check_directory, check_room, judge_room
from batchtui.cli.checkup.programs import judge_programs
from batchtui.cli.checkup.reach import (
    Answer,
    judge_answer,
    judge_clock,
    judge_credential,
    judge_way,
)
from batchtui.domain.account import AccountKey
from batchtui.domain.errors import (
    ApiError,
    RateLimitedError,
    ServerFaultError,
    UnauthorizedError,
    UnreachableError,
    UnsupportedError,
)
from batchtui.history.examination import Examination, examine
from batchtui.history.history import History
from batchtui.settings.credentials import Identity

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
URL = "https://api.anthropic.com"


def one(found: list[Finding]) -> Finding:
    (finding,) = found
    return finding


# Findings


def test_credentials_are_the_worst_that_can_fail() -> None:
    fine, lax = ok("a", "b"), warn("a", "b", "c")
    broken, refused = fail("a", "b", "c"), failed_by("a", UnauthorizedError("b"))
    assert [exit_code(each) for each in ([], [fine, lax], [lax, broken], [refused, broken])] == [
        0,
        0,
        1,
        4,
    ]


def test_a_finding_reads_as_sentences() -> None:
    assert fail("a", "It is broken.", "Mend it").words == "It is broken. Mend it."
    assert ok("a", "Fine").words == "Fine."


# Places


def test_a_directory_of_ones_own(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    assert one(list(check_directory(tmp_path))).verdict is Verdict.OK
    missing = one(list(check_directory(tmp_path / "not" / "yet")))
    assert (missing.verdict, "not there yet" in missing.found) == (Verdict.OK, True)


def test_what_others_may_read(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "config.toml").touch(mode=0o644)
    found = one(list(check_directory(tmp_path)))
    assert found.verdict is Verdict.WARN
    assert found.todo == f"Run `chmod go= {tmp_path} {tmp_path / 'config.toml'}`"


def test_what_cannot_be_the_directory(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    assert one(list(check_directory(file))).verdict is Verdict.FAIL


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert one(list(check_directory(tmp_path))).verdict is Verdict.FAIL
    assert one(list(check_directory(tmp_path / "below"))).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("free", "verdict"),
    [(10**6, Verdict.FAIL), (5 * 10**8, Verdict.WARN), (10**10, Verdict.OK)],
)
def test_room_on_the_disk(free: int, verdict: Verdict) -> None:
    assert judge_room(free).verdict is verdict


def test_room_where_there_is_nothing_yet(tmp_path: Path) -> None:
    assert "free" in check_room(tmp_path / "not" / "yet").found


def test_a_directory_out_of_reach(tmp_path: Path) -> None:
    beyond = tmp_path / ("x" * 300) / "config"  # not even root gets an answer of what is there
    assert one(list(check_directory(beyond))).check == "directory"
    assert "free" in check_room(beyond).found


# The history


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    history = History.open(tmp_path, AccountKey(URL, "", "abc"), now=NOW)
    history.told.claim([(f"msgbatch_{number}", "end") for number in range(5000)], at=NOW)
    history.close()
    return tmp_path


def test_a_sound_history(directory: Path) -> None:
    found = examine(directory)
    assert found is not None
    assert (found.journal, found.damage, found.batches) == ("wal", "", 0)
    assert judge_history(found).verdict is Verdict.OK


def test_none_yet(tmp_path: Path) -> None:
    assert examine(tmp_path) is None
    assert judge_history(None).verdict is Verdict.OK
    assert not list(tmp_path.glob("history*"))


def test_a_damaged_one_is_named_and_left_alone(directory: Path) -> None:
    path = directory / "history.db"
    content = bytearray(path.read_bytes())
    content[-5 * 4096 :] = b"\xff" * (5 * 4096)
    path.write_bytes(content)
    finding = judge_history(examine(directory))
    assert finding.verdict is Verdict.FAIL
    assert "history export" in finding.todo
    assert path.read_bytes() == bytes(content)


def test_what_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "history.db").write_bytes(b"x" * 10_000)
    assert judge_history(examine(tmp_path)).verdict is Verdict.FAIL


def test_a_directory_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "history.db").mkdir()
    assert judge_history(examine(tmp_path)).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("statement", "todo"),
    [("INSERT INTO migration VALUES ('tomorrow', 0)", "Update"), ("DROP TABLE migration", "Move")],
)
def test_whose_it_is(directory: Path, statement: str, todo: str) -> None:
    connection = sqlite3.connect(directory / "history.db")
    with connection:
        connection.execute(statement)
    connection.close()
    finding = judge_history(examine(directory))
    assert finding.verdict is Verdict.FAIL
    assert finding.todo.startswith(todo)


def test_one_that_instances_cannot_share() -> None:
    assert judge_history(Examination(journal="delete", batches=3)).verdict is Verdict.WARN


# What it is built on


def test_versions() -> None:
    versions = {"anthropic": "2.12.0", "textual": "8.2.8"}
    wanted = ["anthropic>=2.12,<3", "textual==8.2.8"]
    found = one(list(judge_programs("3.11.7", (3, 40, 1), versions.get, wanted)))
    assert found.found == "Python 3.11.7, SQLite 3.40.1, SDK 2.12.0, Textual 8.2.8"

    other = versions | {"textual": "9.0"}
    assert [each.verdict for each in judge_programs("3.11", (3, 40, 1), other.get, wanted)] == [
        Verdict.WARN,
        Verdict.OK,
    ]
    old = list(judge_programs("3.11", (3, 23, 0), {"textual": "8.2.8"}.get, wanted))
    assert [each.check for each in old if each.verdict is Verdict.FAIL] == ["sqlite", "anthropic"]


# The way to the API


def test_a_credential_is_named_and_never_shown() -> None:
    identity = Identity(endpoint=URL, source="ANTHROPIC_API_KEY", fingerprint="f00", present=True)
    found = judge_credential(identity, "work")
    assert found.verdict is Verdict.OK
    assert found.words == 'From ANTHROPIC_API_KEY for the account "work".'
    none = judge_credential(Identity(endpoint=URL), "")
    assert (none.verdict, none.exit_code) == (Verdict.FAIL, 4)


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({}, []),
        ({"HTTPS_PROXY": "http://me:secret@proxy.example:3128"}, ["proxy.example (HTTPS_PROXY)"]),
        ({"all_proxy": "proxy.example:3128"}, ["proxy.example (all_proxy)"]),
        ({"HTTP_PROXY": "http://proxy.example"}, []),
        ({"HTTPS_PROXY": "http://p", "no_proxy": "x, anthropic.com"}, []),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "*"}, []),
        ({"HTTPS_PROXY": "http://[p"}, ["? (HTTPS_PROXY)"]),
        ({"SSL_CERT_FILE": "/not/there.pem"}, ["/not/there.pem, which is not there"]),
    ],
)
def test_what_the_environment_has_to_do_with_the_way(
    environ: dict[str, str], words: list[str]
) -> None:
    found = list(judge_way(URL, environ, exists=lambda _: False))
    assert len(found) == len(words)
    for each, expected in zip(found, words, strict=True):
        assert expected in each.found
        assert "secret" not in each.words


def test_answers() -> None:
    quick = list(judge_answer(Answer(0.4, timedelta(seconds=1)), URL, {}))
    assert [(each.check, each.verdict) for each in quick] == [
        ("api", Verdict.OK),
        ("clock", Verdict.OK),
    ]
    assert "400 ms" in quick[0].found
    slow = one(list(judge_answer(Answer(7.0), URL, {"HTTPS_PROXY": "http://p"})))
    assert slow.verdict is Verdict.WARN
    assert "HTTPS_PROXY" in slow.todo


@pytest.mark.parametrize(
    ("error", "code", "todo"),
    [
        (UnauthorizedError("No", todo="Run `ant auth login`"), 4, "ant auth login"),
        (UnreachableError("No"), 1, f"Check the network, the base URL {URL},"),
        (UnreachableError("No", todo="Check the clock"), 1, "Check the clock"),
        (ServerFaultError("No"), 1, f"Try again in some minutes; if it lasts, check that {URL}"),
    ],
)
def test_what_stands_in_the_way_is_said_with_what_to_do(
    error: UnreachableError, code: int, todo: str
) -> None:
    found = one(list(judge_answer(error, URL, {})))
    assert (found.verdict, found.exit_code) == (Verdict.FAIL, code)
    assert todo in found.todo


@pytest.mark.parametrize("kind", [RateLimitedError, UnsupportedError])
def test_what_answers_and_still_could_be_better(kind: type[ApiError]) -> None:
    found = one(list(judge_answer(kind("No"), URL, {})))
    assert found.verdict is Verdict.WARN
    assert "answers, but" in found.found


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, ""), (60, ""), (-60, ""), (61, "behind"), (-3700, "1h01m ahead of")],
)
def test_clocks(seconds: int, words: str) -> None:
    found = judge_clock(timedelta(seconds=seconds))
    assert found.verdict is (Verdict.WARN if words else Verdict.OK)
    assert words in found.found


def test_a_question_is_no_statement() -> None:
    asked = fail("account", 'There is no account "wrok"', 'Did you mean "work"?')
    assert asked.words == 'There is no account "wrok". Did you mean "work"?'
