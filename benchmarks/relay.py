"""Stands between a client and a server, and notes when the first byte of results went through."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

_BLOCK = 1 << 16
_END_OF_HEADERS = b"\r\n\r\n"


class Relay:
    """Passes bytes on, both ways, unchanged.

    Attributes:
        base_url: what the client is to be given.
        first_byte: when the first byte of a body of results was passed on (`time.perf_counter`);
            None until then.
        last_byte: when the latest byte of an answer to a request for results was.
    """

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        assert parts.hostname
        assert parts.port
        self._server = (parts.hostname, parts.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.first_byte: float | None = None
        self.last_byte = 0.0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Accept no more connections; those there are end with their client."""
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self._listener.accept()
                _Connection(self, client, socket.create_connection(self._server))


class _Connection:
    def __init__(self, relay: Relay, client: socket.socket, server: socket.socket) -> None:
        self._relay = relay
        self._results = False
        self._head = b""
        for pump in ((client, server, self._asked), (server, client, self._answered)):
            threading.Thread(target=_pump, args=pump, daemon=True).start()

    def _asked(self, data: bytes) -> None:
        self._results = b"/results" in data.split(b"\r\n", 1)[0]
        self._head = b""

    def _answered(self, data: bytes) -> None:
        if not self._results:
            return
        self._relay.last_byte = time.perf_counter()
        if self._relay.first_byte is not None:
            return
        self._head += data
        if self._head.partition(_END_OF_HEADERS)[2]:
            self._relay.first_byte = time.perf_counter()


def _pump(source: socket.socket, target: socket.socket, note: Callable[[bytes], None]) -> None:
    with suppress(OSError), source:
        while data := source.recv(_BLOCK):
            note(data)
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def relayed(base_url: str) -> Iterator[Relay]:
    """A relay in front of a server."""
    relay = Relay(base_url)
    try:
        yield relay
    finally:
        relay.close()
