"""The real SDK, pointed at a simulator."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from anthropic import Anthropic

from batchtui.simulator.server import KEY, RunningServer


@pytest.fixture
def connect() -> Iterator[Callable[..., Anthropic]]:
    """A factory of clients, closed with the test; by default they do not retry."""
    with ExitStack() as stack:

        def make(server: RunningServer, *, max_retries: int = 0, timeout: float = 5) -> Anthropic:
            return stack.enter_context(
                Anthropic(
                    base_url=server.base_url, api_key=KEY, max_retries=max_retries, timeout=timeout
                )
            )

        yield make
