"""Which keys the simulated API accepts, and which world each of them opens."""

from collections.abc import Mapping
from threading import Lock

from batchtui.simulator.world import World

INVALID_KEY = "sk-ant-invalid"
"""The one key that is never accepted, as a Bearer token or as x-api-key."""


class Keys:
    """The keys of a server. Safe from several threads.

    Args:
        world: What any key opens that is not among the others.
        others: Worlds of their own, by key: so many accounts.
    """

    def __init__(self, world: World, others: Mapping[str, World] | None = None) -> None:
        self._world = world
        self._others = dict(others or {})
        self._revoked = {INVALID_KEY}
        self._lock = Lock()

    def revoke(self, key: str) -> None:
        """Accept a key no more, from the next request on."""
        with self._lock:
            self._revoked.add(key)

    def accepts(self, key: str) -> bool:
        """Whether a key is not among the revoked ones."""
        with self._lock:
            return key not in self._revoked

    def opens(self, key: str) -> World:
        """The world behind a key."""
        return self._others.get(key, self._world)
