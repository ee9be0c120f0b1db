"""Judges what batchtui is built on: Python, SQLite, the SDK, Textual."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from batchtui.cli.checkup.finding import Finding, fail, ok, warn

OLDEST_SQLITE = (3, 24, 0)
"""The first that knows `ON CONFLICT ... DO UPDATE`."""

_NAMES = {"anthropic": "SDK", "textual": "Textual"}
_EXACT = re.compile(r"([a-z-]+)==([\w.]+)")


def judge_programs(
    python: str,
    sqlite: tuple[int, ...],
    version_of: Callable[[str], str | None],
    requirements: Sequence[str],
) -> Iterator[Finding]:
    """Whether what is installed is what is needed.

    Args:
        python: its version.
        sqlite: the version of the library in use.
        version_of: gives that of a package; None if it is not installed.
        requirements: of our own package, as its metadata has them.
    """
    words = ".".join(map(str, sqlite))
    if sqlite < OLDEST_SQLITE:
        oldest = ".".join(map(str, OLDEST_SQLITE))
        todo = f"Use a Python that comes with SQLite {oldest} or newer"
        yield fail("sqlite", f"SQLite {words} is too old", todo)
    wanted = {found[1]: found[2] for each in requirements if (found := _EXACT.match(each))}
    versions = {name: version_of(name) for name in _NAMES}
    for name, version in versions.items():
        if version is None:
            yield fail(name, f"The package {name} is not installed", "Install batchtui anew")
        elif wanted.get(name, version) != version:
            differs = f"{_NAMES[name]} is {version}, and batchtui is made for {wanted[name]}"
            yield warn(name, differs, "Install batchtui anew")
    packages = [f"{_NAMES[name]} {version}" for name, version in versions.items() if version]
    yield ok("programs", ", ".join([f"Python {python}", f"SQLite {words}", *packages]))
