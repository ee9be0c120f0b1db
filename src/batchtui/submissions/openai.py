"""Requests for chat completions, told in the words of the Messages API.

Fields that mean the same are translated; any other is refused by its name, unless it only says
what is the case anyhow.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from batchtui.domain.request import Problem


class Translated(msgspec.Struct, frozen=True):
    """What became of a body.

    Attributes:
        params: what the Messages API is to be called with; not all of it if there are problems.
    """

    params: Mapping[str, object]
    problems: tuple[Problem, ...]


def translate(body: Mapping[str, object]) -> Translated:
    """Translate the body of a request for a chat completion."""
    return Translated({}, (Problem("body", "cannot be translated yet"),))
