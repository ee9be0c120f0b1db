"""Every batch ever seen, in one SQLite file that several processes may use at once."""

from batchtui.history.history import History, KnownAccount
from batchtui.history.rows import Observation

__all__ = ["History", "KnownAccount", "Observation"]
