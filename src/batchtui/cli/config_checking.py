"""Every fault of `config.toml`: of its values, and of what the screens are to do with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from batchtui.settings.checking import by_line, check
from batchtui.settings.faults import Fault
from batchtui.settings.schema import Settings


def every_fault(text: str, environ: Mapping[str, str]) -> tuple[Fault, ...]:
    """What is wrong with the text of the file, by line; imports all screens to ask them, too."""
    good, faults = check(text, environ)
    if not good:
        return faults
    from batchtui.ui.doubts import doubts

    return by_line(text, [*faults, *doubts(msgspec.convert(good, Settings))])


def concerns_screens(path: Sequence[str]) -> bool:
    """Whether the screens have a say on a setting."""
    return path[0] in ("theme", "columns", "keys", "accounts")
