"""When to try again and how long to wait, without waiting."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.api.retry import LONGEST_BACKOFF, backoff, with_retries
from batchtui.domain.errors import (
    ApiError,
    BadReplyError,
    BatchtuiError,
    NotFoundError,
    RateLimitedError,
    RefusedError,
    ServerFaultError,
    SpendLimitError,
    UnauthorizedError,
    UnreachableError,
)


@given(st.integers(0, 10**6), st.integers())
def test_waits_grow_to_a_minute_and_differ(failures: int, seed: int) -> None:
    wait = backoff(ServerFaultError("x"), failures, Random(seed))
    assert wait is not None
    longest = min(2.0 ** min(failures, 10), LONGEST_BACKOFF)
    assert longest * 0.75 <= wait <= longest


@pytest.mark.parametrize("kind", [ServerFaultError, UnreachableError, BadReplyError])
def test_what_may_pass_is_tried_again(kind: type[ApiError]) -> None:
    assert backoff(kind("x"), 0, Random(1)) is not None


@pytest.mark.parametrize("kind", [UnauthorizedError, SpendLimitError, RefusedError, NotFoundError])
def test_what_will_not_pass_is_not(kind: type[ApiError]) -> None:
    assert backoff(kind("x", retry_after=1.0), 0, Random(1)) is None


def test_what_the_server_asks_for_is_kept_even_if_it_is_a_day() -> None:
    assert backoff(RateLimitedError("x", retry_after=86400.0), 3, Random(1)) == 86400


def test_no_wait_asked_for_is_not_no_wait_at_all() -> None:
    wait = backoff(RateLimitedError("x", retry_after=0.0), 0, Random(1))
    assert wait is not None
    assert wait >= 0.75


class Server:
    """Fails as told, then succeeds; its waits are noted and not waited."""

    def __init__(self, *errors: ApiError) -> None:
        self.errors = list(errors)
        self.tries = 0
        self.slept: list[float] = []
        self.told: list[tuple[BatchtuiError, float]] = []

    async def call(self) -> str:
        self.tries += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def run(self, *, attempts: int = 4, max_wait: float = 30.0) -> str:
        return await with_retries(
            self.call,
            attempts=attempts,
            on_wait=lambda error, wait: self.told.append((error, wait)),
            rng=Random(1),
            max_wait=max_wait,
            sleep=self.sleep,
        )


async def test_tries_until_it_succeeds_and_says_so() -> None:
    first, second = ServerFaultError("a"), RateLimitedError("b", retry_after=9.0)
    server = Server(first, second)
    assert await server.run() == "done"
    assert [error for error, _ in server.told] == [first, second]
    assert [wait for _, wait in server.told] == server.slept
    assert server.slept[1] == 9


async def test_gives_up_with_the_last_error() -> None:
    server = Server(*(ServerFaultError(str(number)) for number in range(9)))
    with pytest.raises(ServerFaultError, match="2"):
        await server.run(attempts=3)
    assert (server.tries, len(server.slept)) == (3, 2)


async def test_does_not_sit_through_a_long_wait() -> None:
    server = Server(RateLimitedError("x", retry_after=31.0))
    with pytest.raises(RateLimitedError):
        await server.run()
    assert (server.tries, server.told) == (1, [])


async def test_does_not_repeat_what_is_refused() -> None:
    server = Server(RefusedError("x"))
    with pytest.raises(RefusedError):
        await server.run()
    assert server.tries == 1
