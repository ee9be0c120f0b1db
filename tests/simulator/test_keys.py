"""Keys with worlds of their own, keys that are revoked, and operations that are not offered."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest

from batchtui.domain.errors import UsageError
from batchtui.simulator.faults import lacking, parse_fault
from batchtui.simulator.server import KEY, RunningServer, worlds
from tests.conftest import StartSimulator

OTHER = "sk-ant-other"


def ids(server: RunningServer, key: str) -> set[str]:
    """The batches that a key shows."""
    with anthropic.Anthropic(base_url=server.base_url, api_key=key, max_retries=0) as client:
        return {each.id for each in client.messages.batches.list(limit=1000)}


def test_each_key_shows_its_own_world(simulator: StartSimulator) -> None:
    server = simulator("crowd:3", keys={OTHER: "crowd:5", "sk-ant-third": "crowd:5"})
    shown = [ids(server, key) for key in (KEY, OTHER, "sk-ant-third", "sk-ant-whoever")]
    assert [len(each) for each in shown] == [3, 5, 5, 3]
    assert not shown[0] & shown[1]
    assert not shown[1] & shown[2]
    assert shown[0] == shown[3]
    page: Any = server.worlds[OTHER].page(limit=10)
    assert {each["id"] for each in page["data"]} == shown[1]


def test_a_key_is_revoked_while_the_server_runs(simulator: StartSimulator) -> None:
    server = simulator("crowd:3")
    assert ids(server, KEY)
    server.keys.revoke(KEY)
    with pytest.raises(anthropic.AuthenticationError, match="API key is invalid"):
        ids(server, KEY)
    assert ids(server, OTHER)


def test_a_fault_revokes_the_key_of_a_request_for_good(simulator: StartSimulator) -> None:
    server = simulator("crowd:3", faults=["revoke=2:1"])
    assert ids(server, KEY)
    assert ids(server, OTHER)
    with pytest.raises(anthropic.AuthenticationError):
        ids(server, OTHER)
    server.faults.clear()
    with pytest.raises(anthropic.AuthenticationError):
        ids(server, OTHER)
    assert ids(server, KEY)


def test_without_a_count_no_key_is_good_any_more(simulator: StartSimulator) -> None:
    server = simulator("crowd:3", faults=["revoke=1"])
    assert ids(server, KEY)
    for key in (KEY, OTHER):
        with pytest.raises(anthropic.AuthenticationError):
            ids(server, key)


@pytest.mark.parametrize(
    ("spec", "status"), [("delete", 404), ("delete=405", 405), ("list, delete=501", 501)]
)
def test_what_is_lacking_is_answered_as_by_no_api(
    simulator: StartSimulator, spec: str, status: int
) -> None:
    server = simulator("crowd:3", lacks=[spec])
    with (
        anthropic.Anthropic(base_url=server.base_url, api_key=KEY, max_retries=0) as client,
        pytest.raises(anthropic.APIStatusError) as caught,
    ):
        client.messages.batches.delete("x")
    assert caught.value.status_code == status
    assert isinstance(caught.value.body, dict)
    assert "type" not in caught.value.body


def test_lacking_operations_are_faults_that_stay() -> None:
    assert lacking([]) == []
    assert lacking(["list,delete=405", "create=501"]) == [
        "lacks/list",
        "lacks=405/delete",
        "lacks=501/create",
    ]


@pytest.mark.parametrize("spec", ["", "everything", "list=500", "list=", "list,"])
def test_what_nobody_can_lack(spec: str) -> None:
    with pytest.raises(UsageError):
        lacking([spec])


def test_a_fault_of_a_gateway_has_a_status_of_one() -> None:
    with pytest.raises(UsageError, match="404, 405 or 501"):
        parse_fault("lacks=500")


def test_keys_are_given_with_their_worlds() -> None:
    assert worlds(["a=crowd:3", "b=demo"]) == {"a": "crowd:3", "b": "demo"}
    for spec in ("a", "a=", "=demo"):
        with pytest.raises(UsageError):
            worlds([spec])
