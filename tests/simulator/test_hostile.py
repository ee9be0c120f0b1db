import json
from typing import Any

from batchtui.simulator.hostile import HUGE, IDS, TEXTS, HostileWork
from batchtui.simulator.message import encode


def lines() -> list[bytes]:
    return b"".join(HostileWork(1).lines(10**6, "expired")).split(b"\n")[:-1]


def test_every_line_is_json_although_not_always_utf8_text_python_would_write() -> None:
    rows = [json.loads(line) for line in lines()]

    assert len(rows) == HostileWork(1).total


def test_odd_text_travels_both_raw_and_escaped() -> None:
    whole = b"\n".join(lines())

    assert b"\\u001b]52;c;" in whole
    assert "\x9b31m C1".encode() in whole
    assert b"\\u009b31m C1" in whole
    assert "\u202edcba".encode() in whole
    assert b"\\u202edcba" in whole
    assert b"\\ud800 surrogate" in whole


def test_every_text_appears_in_a_custom_id_an_error_and_an_answer() -> None:
    rows: list[Any] = [json.loads(line) for line in lines()]
    ids = "".join(row["custom_id"] for row in rows)
    errors = {
        row["result"]["error"]["error"]["message"]
        for row in rows
        if row["result"]["type"] == "errored" and isinstance(row["result"]["error"], dict)
    }

    assert all(text in ids for text in TEXTS)
    assert errors == set(TEXTS)


def test_one_line_is_huge() -> None:
    assert max(map(len, lines())) > HUGE


def test_a_lone_surrogate_is_escaped_even_in_raw_json() -> None:
    assert encode("é\ud800") == b'"\xc3\xa9\\ud800"'


def test_ids_are_odd_but_can_be_asked_for() -> None:
    assert len(set(IDS)) == len(IDS)
    for batch_id in IDS:
        batch_id.encode()
