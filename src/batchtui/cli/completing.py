"""The names of accounts for a shell that completes them."""

from __future__ import annotations

import os
import re

import click
from click.shell_completion import CompletionItem

from batchtui.cli.start import read_settings
from batchtui.settings.accounts import choices

_HARMLESS = re.compile(r"[\w.@+-]+")
"""What no shell makes anything else of."""


def accounts_like(context: click.Context, incomplete: str) -> list[CompletionItem[str]]:
    """The accounts whose names begin like this."""
    try:
        _, loaded = read_settings(context, lenient=True)
        found = choices(loaded.settings, os.environ)
    except Exception:
        # Whatever is wrong, a line about it would land in the middle of what is being typed.
        return []
    return [
        CompletionItem(each.name, help=each.found_in.value)
        for each in found
        if each.name.startswith(incomplete) and _HARMLESS.fullmatch(each.name)
    ]
