"""What can be set in `config.toml`, as frozen structs: names, types, defaults, limits."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

LONGEST_INTERVAL = 86400

# The title of a type says what a value must be, where its kind alone does not.
_Seconds = Annotated[
    float,
    msgspec.Meta(
        ge=0, le=LONGEST_INTERVAL, title=f"a number of seconds from 0 to {LONGEST_INTERVAL}"
    ),
]
_Timeout = Annotated[
    float, msgspec.Meta(gt=0, le=3600, title="a number of seconds above 0, up to 3600")
]
Size = Annotated[
    int,
    msgspec.Meta(
        ge=0, le=10**18, title='a number of bytes or a size such as "5GB"', extra={"size": True}
    ),
]
"""Bytes; in the file also as text."""


class AccountTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[accounts.NAME]`: where and as whom to call the API. Never a key, only where one is found.

    Attributes:
        base_url: address of the API; None for the SDK's.
        workspace: workspace id to act in; None for the credential's own.
        profile: credentials profile of the SDK.
        key_env: name of the environment variable that holds the API key.
        key_command: program and arguments, run without a shell, that print the API key.
        read_only: whether every verb that changes the server is switched off.
        color: colour the account is shown in, by a name of Textual's or as `#rrggbb`.
    """

    base_url: str | None = None
    workspace: str | None = None
    profile: str | None = None
    key_env: str | None = None
    key_command: tuple[str, ...] | None = None
    read_only: bool = False
    color: str | None = None


class Notify(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[notify]`: how the terminal tells that a watched batch ended or needs a person.

    Attributes:
        bell: whether the terminal's bell rings.
        desktop: the sequence that asks the terminal for a notification of the desktop; "auto"
            takes what the terminal is known to understand.
        title: whether the title of the terminal says how many run.
    """

    bell: bool = True
    desktop: Literal["auto", "osc9", "osc777", "none"] = "auto"
    title: bool = True


class Hooks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[hooks]`: programs with arguments, run without a shell when something happened.

    Attributes:
        on_end: when a watched batch or job has ended, however it did.
        on_partial: when a watched batch or job has ended with requests that did not succeed.
        on_expiring: when processing will soon be cut off by the 24 hours.
        on_vanishing: when results that are not here will soon be dropped by the API.
        timeout: seconds after which one that still runs is stopped.
    """

    on_end: tuple[str, ...] = ()
    on_partial: tuple[str, ...] = ()
    on_expiring: tuple[str, ...] = ()
    on_vanishing: tuple[str, ...] = ()
    timeout: _Timeout = 30.0


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything a person can set.

    Attributes:
        account: the account to begin with: a named one or a profile; None to find credentials as
            the SDK does.
        profile: credentials profile to use; None to find credentials as the SDK does.
        base_url: address of the API; None for the SDK's.
        workspace: workspace id to act in; None for the credential's own.
        theme: name of the colour theme; None for the app's own.
        interval: seconds between two looks at the list; 0 for only by hand, None to adapt.
        mouse: whether the mouse works.
        read_only: whether every verb that changes the server is switched off.
        auto_fetch: whether results are fetched when a batch ends while the app watches it.
        animation: "auto" animates locally and not over SSH.
        columns: columns of the list of batches, in this order; None for the app's own.
        cache_limit: most bytes of results to keep of each server, also as "5GB"; None for no limit.
            After a fetch, what was not opened for longest is removed, but only what the API still
            has, and nothing of the last hour.
        accounts: accounts by name.
        notify: how the terminal tells of what happened.
        hooks: what is run when something happened.
        tabs: filters by the name of their tab, in this order; None for the app's own.
        keys: the key or keys, with commas between them, that give a command, by its id.
        prices: what a model costs, by its id, instead of what is packaged.
    """

    account: str | None = None
    profile: str | None = None
    base_url: str | None = None
    workspace: str | None = None
    theme: str | None = None
    interval: _Seconds | None = None
    mouse: bool = True
    read_only: bool = False
    auto_fetch: bool = False
    animation: Literal["auto", "none"] = "auto"
    columns: tuple[str, ...] | None = None
    cache_limit: Size | None = None
    accounts: Annotated[dict[str, AccountTable], msgspec.Meta(title="a table of accounts")] = {}
    notify: Notify = Notify()
    hooks: Hooks = Hooks()
    tabs: Annotated[dict[str, str], msgspec.Meta(title='a table of name = "filter"')] | None = None
    keys: Annotated[dict[str, str], msgspec.Meta(title='a table of command = "key"')] = {}
    prices: Annotated[dict[str, Any], msgspec.Meta(title="a table of models")] = {}
