import json

import pytest

from batchtui.simulator.params import check_params
from batchtui.simulator.prompts import request_lines
from batchtui.simulator.prose import PAPERS, THEMES, Theme
from batchtui.simulator.scripted import Scripted


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.prefix)
def test_there_is_a_request_for_every_result(theme: Theme) -> None:
    results = b"".join(Scripted(1, theme, 40).lines(40, "expired")).split(b"\n")
    answered = {json.loads(line)["custom_id"] for line in results if line}
    requests = [json.loads(line) for line in request_lines(theme, range(40))]
    assert {request["custom_id"] for request in requests} == answered
    for request in requests:
        assert check_params(request["params"], version="2023-06-01") is None


def test_papers_come_as_documents() -> None:
    first = json.loads(next(request_lines(PAPERS, range(1))))
    assert first["params"]["messages"][0]["content"][0]["title"] == "paper-00000.pdf"
