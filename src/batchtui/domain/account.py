"""Whose batches they are."""

from __future__ import annotations

import msgspec


class AccountKey(msgspec.Struct, frozen=True):
    """What tells accounts apart on disk; holds no secret.

    Attributes:
        endpoint: the base URL, such as "https://api.anthropic.com".
        workspace: the id of the workspace, "" if none is named.
        fingerprint: a short digest of the key, "profile:NAME", or "account:NAME" of an account
            whose key is not known beforehand; "" without credentials, which stands for whoever used
            the endpoint last.
        name: what a person calls an account whose key is in a variable, else "". If the variable is
            not set, or the workspace is given, the account is the one that was last called so.
    """

    endpoint: str
    workspace: str
    fingerprint: str
    name: str = ""
