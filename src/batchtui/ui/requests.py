"""Finds the prompt of a result, in the file that is linked with its batch."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import msgspec

from batchtui.domain.errors import BatchtuiError
from batchtui.submissions.request_file import Found, RequestFile


class Prompt(msgspec.Struct, frozen=True):
    """The prompt of a result, or why there is none.

    Attributes:
        name: the name of the request file; safe to show.
        found: the request; None as long as it is looked for, and if it is not there.
        problem: why there is none, as a sentence; "" if nothing is wrong.
    """

    name: str
    found: Found | None = None
    problem: str = ""


def unfound(path: str) -> Prompt:
    """A prompt that is still looked for."""
    return Prompt(RequestFile(Path(path)).name)


async def find_prompt(path: str, custom_id: str) -> Prompt:
    """Look for a request; when this is cancelled the search ends soon.

    Args:
        path: of the request file.
        custom_id: of the request.
    """
    file = RequestFile(Path(path))
    given_up = threading.Event()
    try:
        found = await asyncio.to_thread(file.find, custom_id, wanted=lambda: not given_up.is_set())
    except BatchtuiError as error:
        return Prompt(file.name, problem=str(error))
    finally:
        given_up.set()
    if found is None:
        return Prompt(file.name, problem=f"No request with this custom_id is in {file.name}.")
    return Prompt(file.name, found)
