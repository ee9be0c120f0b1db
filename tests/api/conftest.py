"""A server that answers what it is told to, for what the simulator does not do."""

import traceback
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, NamedTuple

import pytest

from batchtui.api.client import Api

KEY = "sk-ant-api03-canary-0123456789"


class Answer(NamedTuple):
    status: int
    body: bytes
    headers: Mapping[str, str]
    missing: int
    stalls: bool


class Seen(NamedTuple):
    method: str
    path: str
    headers: Mapping[str, str]


class ScriptedServer:
    """Gives its answers in turn, and the last one from then on; `seen` is what it was asked."""

    def __init__(self) -> None:
        self._script: list[Answer] = []
        self.seen: list[Seen] = []
        self.closing = Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                server.reply(self)

            do_GET = do_POST = do_DELETE = answer  # noqa: N815

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.base_url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "ScriptedServer":
        self._thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answers(
        self,
        status: int,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        missing: int = 0,
        stalls: bool = False,
    ) -> "ScriptedServer":
        """Add an answer, whose body lacks its last `missing` bytes: it is cut, or stalls there."""
        self._script.append(Answer(status, body, headers or {}, missing, stalls))
        return self

    def reply(self, handler: BaseHTTPRequestHandler) -> None:
        headers = {name.lower(): value for name, value in handler.headers.items()}
        handler.rfile.read(int(headers.get("content-length", 0)))
        self.seen.append(Seen(handler.command, handler.path, headers))
        answer = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        handler.send_response(answer.status)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.send_header("content-length", str(len(answer.body) + answer.missing))
        handler.end_headers()
        handler.wfile.write(answer.body)
        handler.wfile.flush()
        if answer.stalls:
            self.closing.wait(10)
        handler.close_connection = bool(answer.missing)


@pytest.fixture
def scripted() -> Iterator[Callable[[], ScriptedServer]]:
    """Makes servers that stop with the test."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(ScriptedServer())


@pytest.fixture
async def connect() -> AsyncIterator[Callable[..., Api]]:
    """Makes `Api`s that are closed with the test."""
    opened: list[Api] = []

    def make(base_url: str, **options: Any) -> Api:
        if "profile" not in options:
            options.setdefault("api_key", KEY)
        opened.append(Api(base_url=base_url, **options))
        return opened[-1]

    yield make
    for api in opened:
        await api.aclose()


@pytest.fixture
def assert_safe() -> Callable[..., None]:
    """Checks that nothing that could be printed of an error holds a secret or controls."""

    def check(error: BaseException, *secrets: str) -> None:
        shown = [str(error), repr(error), repr(vars(error)), *traceback.format_exception(error)]
        parent = error.__cause__ or error.__context__
        while parent is not None:
            shown += [str(parent), repr(parent)]
            parent = parent.__cause__ or parent.__context__
        text = "\n".join(shown)
        for secret in (*secrets, "canary"):
            assert secret not in text
        assert "\x1b" not in str(error)
        assert "\n" not in str(error)

    return check
