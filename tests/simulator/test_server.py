"""The server as a thread and as a process."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

import httpx2
import pytest

from batchtui.domain.errors import BatchtuiError, UsageError
from batchtui.simulator.server import RunningServer

HEADERS = {"x-api-key": "any", "anthropic-version": "2026-10-21", "accept-encoding": "identity"}


@contextmanager
def process(
    *options: str, stderr: int | TextIO = subprocess.PIPE
) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "batchtui.simulator", *options],
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def base_url_of(running: subprocess.Popen[str]) -> str:
    assert running.stdout is not None
    return running.stdout.readline().strip()


def test_the_base_url_is_the_first_line_and_its_use_goes_to_stderr() -> None:
    with process("--scenario", "empty") as running:
        base_url = base_url_of(running)
        assert httpx2.get(base_url + "/v1/messages/batches", headers=HEADERS).is_success

        running.send_signal(signal.SIGINT)
        rest, said = running.communicate(timeout=10)

    assert base_url.startswith("http://127.0.0.1:")
    assert rest == ""
    assert said == f"export ANTHROPIC_BASE_URL={base_url} ANTHROPIC_API_KEY=sk-ant-simulated\n"
    assert running.returncode == 0


@pytest.mark.parametrize("options", [("--scenario", "dream"), ("--fault", "tornado")])
def test_a_bad_option_is_one_sentence(options: tuple[str, str]) -> None:
    with process(*options) as running:
        out, said = running.communicate(timeout=10)

    assert running.returncode == 2
    assert out == ""
    assert "Traceback" not in said
    assert options[1] in said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_it_serves_though_nobody_can_read_how_to_use_it() -> None:
    with open("/dev/full", "w") as full, process("--scenario", "empty", stderr=full) as running:
        base_url = base_url_of(running)
        assert httpx2.get(base_url + "/v1/messages/batches", headers=HEADERS).is_success


def resident_kilobytes(pid: int) -> int:
    status = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True
    )
    return int(status.stdout)


def test_100_000_lines_cost_no_more_memory_than_ten() -> None:
    with process("--scenario", "big:100000") as running:
        base_url = base_url_of(running)
        with httpx2.Client(base_url=base_url, headers=HEADERS, timeout=60) as http:
            batch = http.get("/v1/messages/batches").json()["data"][0]
            before = resident_kilobytes(running.pid)
            lines = size = 0
            with http.stream("GET", batch["results_url"]) as response:
                for piece in response.iter_raw():
                    lines += piece.count(b"\n")
                    size += len(piece)
            after = resident_kilobytes(running.pid)

    assert lines in (99_999, 100_000)
    assert size > 220_000_000
    assert after - before < 20_000


def large_create(requests: int) -> Iterator[bytes]:
    """The body of a create request, 2 kB a request."""
    yield b'{"requests":['
    for number in range(requests):
        yield (
            b'%s{"custom_id":"row-%d","params":{%s,"messages":[{"role":"user","content":"%s"}]}}'
            % (
                b"," if number else b"",
                number,
                b'"model":"claude-opus-5-5","max_tokens":9',
                b"x" * 1900,
            )
        )
    yield b"]}"


def test_a_batch_of_many_megabytes_is_not_kept_in_memory() -> None:
    with process("--scenario", "empty") as running:
        base_url = base_url_of(running)
        with httpx2.Client(base_url=base_url, headers=HEADERS, timeout=60) as http:
            http.post("/v1/messages/batches", content=large_create(10))
            before = resident_kilobytes(running.pid)
            created = http.post("/v1/messages/batches", content=large_create(30_000))
            after = resident_kilobytes(running.pid)

    assert created.json()["request_counts"]["processing"] == 30_000
    assert after - before < 30_000


def test_the_world_needs_neither_starlette_nor_uvicorn() -> None:
    code = (
        "import sys, batchtui.simulator.world, batchtui.simulator.server\n"
        "found = {'starlette', 'uvicorn', 'anthropic', 'textual'} & set(sys.modules)\n"
        "assert not found, found"
    )

    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_stopped_server_is_gone_and_can_be_stopped_again() -> None:
    with RunningServer("empty") as server:
        assert httpx2.get(server.base_url, headers=HEADERS).status_code == 404
    server.stop()

    with pytest.raises(httpx2.ConnectError):
        httpx2.get(server.base_url)


def test_stopping_cuts_what_is_still_open() -> None:
    server = RunningServer("big:2000", faults=["stall"])
    with server, httpx2.Client(base_url=server.base_url, headers=HEADERS) as http:
        batch = http.get("/v1/messages/batches").json()["data"][0]
        with (
            http.stream("GET", batch["results_url"]) as response,
            suppress(httpx2.RemoteProtocolError, httpx2.ReadError),
        ):
            for _ in response.iter_raw():
                server.stop()
            pytest.fail("the download came to its end")


def test_a_taken_port_is_said_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BatchtuiError, match=f"cannot listen on port {port}: Address already"):
            RunningServer("empty", port=port)


def test_a_bad_fault_is_said_before_anything_starts() -> None:
    with pytest.raises(UsageError):
        RunningServer("empty", faults=["tornado"])
