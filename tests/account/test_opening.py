"""Which files an account gets, and what happens when they cannot be used."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.account.opening import Opened, open_account, open_kept, results_directory, slug
from batchtui.domain.batch import Batch, RequestCounts, Sighting
from batchtui.domain.errors import CredentialsError
from batchtui.settings.credentials import Identity, identify
from batchtui.settings.schema import Settings
from batchtui.simulator.server import KEY, RunningServer

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
IDENTITY = identify({"ANTHROPIC_API_KEY": KEY}, base_url="http://127.0.0.1:9")


def opened(directory: Path, *, identity: Identity = IDENTITY, offline: bool = True) -> Opened:
    return open_account(
        directory=directory,
        settings=Settings(),
        identity=identity,
        offline=offline,
        clock=lambda: NOON,
    )


def sighting(batch_id: str) -> Sighting:
    batch = Batch(batch_id, "ended", RequestCounts(succeeded=1), NOON - timedelta(hours=1))
    return Sighting(batch, msgspec.json.encode(batch))


async def test_files_are_private_and_kept(tmp_path: Path) -> None:
    directory = tmp_path / "new" / "config"
    first = opened(directory)
    first.account.observe([sighting("a")])
    await first.account.close()
    assert first.notices == ()
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert stat.S_IMODE((directory / "history.db").stat().st_mode) == 0o600
    second = opened(directory)
    assert [record.id for record in second.account.records()] == ["a"]
    assert second.account.offline
    await second.account.close()


async def test_without_credentials_it_is_the_account_last_used(tmp_path: Path) -> None:
    for key, at in (("sk-ant-other-key", 0), (KEY, 1)):
        identity = identify({"ANTHROPIC_API_KEY": key}, base_url="http://127.0.0.1:9")
        kept = open_kept(tmp_path, identity, now=NOON)
        kept.history.observe([sighting(f"batch{at}")], at=NOON + timedelta(minutes=at))
        kept.history.close()
    nobody = identify({}, base_url="http://127.0.0.1:9")
    assert not nobody.present
    found = opened(tmp_path, identity=nobody, offline=False)
    assert [record.id for record in found.account.records()] == ["batch1"]
    with pytest.raises(CredentialsError, match="demo"):
        await found.account.refresh("batch1")
    await found.account.close()
    elsewhere = opened(tmp_path, identity=identify({}, base_url="http://elsewhere"))
    assert elsewhere.account.records() == []
    await elsewhere.account.close()


@pytest.mark.parametrize("trouble", ["file", "directory", "read-only", "out of reach"])
async def test_a_history_that_cannot_be_used_is_done_without(tmp_path: Path, trouble: str) -> None:
    directory = tmp_path / "config"
    if trouble == "file":
        directory.write_text("in the way")
    elif trouble == "out of reach":
        directory = tmp_path / ("x" * 300)  # not even root gets an answer of what is there
    else:
        directory.mkdir()
    if trouble == "directory":
        (directory / "history.db").mkdir()
    if trouble == "read-only":
        if os.geteuid() == 0:
            pytest.skip("nothing is read-only to the superuser")
        directory.chmod(0o500)
    without = opened(directory)
    assert len(without.notices) == 1
    assert without.notices[0].endswith("Until then nothing of what is seen is kept.")
    without.account.observe([sighting("a")])
    assert [record.id for record in without.account.records()] == ["a"]
    await without.account.close()


async def test_a_damaged_history_is_told(tmp_path: Path) -> None:
    (tmp_path / "history.db").write_bytes(b"no database" * 1000)
    anew = opened(tmp_path)
    assert "set aside" in anew.notices[0]
    await anew.account.close()


async def test_the_profile_that_was_named_is_the_one_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It does not exist, and the key of the environment must not take its place.
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    account = open_account(
        directory=tmp_path,
        settings=Settings(profile="no-such"),
        identity=identify(os.environ, profile="no-such", base_url="http://127.0.0.1:9"),
        offline=False,
        clock=lambda: NOON,
    ).account
    with pytest.raises(CredentialsError):
        await account.refresh("a")
    await account.close()


async def test_it_reaches_the_server_it_was_opened_for(
    tmp_path: Path, simulator: Callable[..., RunningServer]
) -> None:
    url = simulator("crowd:3").base_url
    account = open_account(
        directory=tmp_path,
        settings=Settings(read_only=True),
        identity=identify({}, base_url=url, api_key=KEY),
        offline=False,
        clock=lambda: datetime.now(UTC),
        api_key=KEY,
    ).account
    assert len((await account.api.list(limit=10)).sightings) == 3
    assert account.read_only
    await account.close()


@pytest.mark.parametrize(
    ("endpoint", "name"),
    [
        ("https://api.anthropic.com", "api.anthropic.com"),
        ("http://127.0.0.1:8080", "127.0.0.1_8080"),
        ("http://localhost", "localhost"),
    ],
)
def test_results_of_a_server_have_a_plain_directory(endpoint: str, name: str) -> None:
    assert results_directory(Path("/c"), endpoint) == Path("/c/results") / name


HOSTS = st.text("abc.-_:[]0", min_size=1, max_size=12)
ENDPOINTS = st.builds(
    "https://{}{}".format, HOSTS, st.sampled_from(["", "/a", "/A", "/../..", "/é"])
)


@given(st.lists(ENDPOINTS | st.text(), min_size=2, max_size=2, unique=True))
def test_servers_never_share_a_directory(endpoints: list[str]) -> None:
    one, two = endpoints
    # The scheme is no part of it: http and https of one host and port are one server.
    if one.partition("://")[2] != two.partition("://")[2]:
        assert slug(one) != slug(two)
    for name in (slug(one), slug(two)):
        assert Path(name).name == name
        assert name not in ("", ".", "..")
        assert len(name) < 100
