"""A bad config.toml: what of it holds, what is said, and when nothing may be changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from batchtui.domain.errors import ConfigError
from batchtui.settings.changing import update
from batchtui.settings.checking import check, faults_of
from batchtui.settings.config import CAUTION, Loaded, Origin, load
from batchtui.settings.faults import FILE_NAME
from batchtui.settings.file import LARGEST, stamp
from batchtui.settings.schema import Hooks, Notify, Settings

KEY = "sk-ant-api03-abcdefgh_IJKL"


def lenient(directory: Path, text: str | bytes) -> Loaded:
    (directory / FILE_NAME).write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(directory, lenient=True)


def test_the_rest_of_a_bad_file_holds(tmp_path: Path) -> None:
    loaded = lenient(
        tmp_path,
        """
        theme = 3
        mouse = false
        them = "x"

        [notify]
        bell = false
        desktop = "loud"

        [hooks]
        on_end = ["a", 3]
        on_partial = ["b"]
        timeout = 0

        [keys]
        quit = "x"
        help = 3

        [tabs]
        one = "running"
        two = ["x"]
        """,
    )
    assert loaded.settings == Settings(
        mouse=False,
        notify=Notify(bell=False),
        hooks=Hooks(on_partial=("b",)),
        keys={"quit": "x"},
        tabs={"one": "running"},
    )
    assert [(each.line, each.name) for each in loaded.faults] == [
        (2, "theme"),
        (4, "them"),
        (8, "notify.desktop"),
        (11, "hooks.on_end"),
        (13, "hooks.timeout"),
        (17, "keys.help"),
        (21, "tabs.two"),
    ]
    assert not loaded.cautious
    assert loaded.problems[0] == 'config.toml, line 2: "theme" must be text in quotes.'
    assert len(loaded.problems) == 7
    assert loaded.origins["theme"] is Origin.DEFAULT
    assert loaded.origins["mouse"] is Origin.FILE
    assert loaded.origins["notify.bell"] is Origin.FILE
    assert loaded.origins["notify.desktop"] is Origin.DEFAULT
    with pytest.raises(ConfigError, match=r"config\.toml, line 2.*names 6 more"):
        load(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        'read_only = "yes"',
        "read-only = true",
        "readonly = true",
        "base_url = 3",
        'base_url = "example.com"',
        "workspace = []",
        "profile = 1",
        "account = 3",
        'account = "missing"',
        "acount = 'work'",
        "accounts = 3",
        "[accounts.work]\nbase_url = 3",
        "[acounts.work]\nbase_url = 'http://x'",
        "[notify]\nread_only = true",
        "[hooks]\nread-only = true",
        "READ_ONLY = true",
        "[safety]\nread_only = true",
        "[[notify]]\nread_only = true",
        "[notify.bells]\nread_only = true",
        "read_only = tru",
        "theme = ",
        b"theme = '\xff'",
        "x = " + "[" * 5000,
    ],
)
def test_what_could_have_said_where_to_act_makes_it_read_only(
    tmp_path: Path, text: str | bytes
) -> None:
    (tmp_path / FILE_NAME).write_bytes(text if isinstance(text, bytes) else text.encode())
    loaded = load(tmp_path, environ={}, lenient=True)
    assert loaded.settings == Settings(read_only=True)
    assert loaded.cautious
    assert loaded.origins["read_only"] is Origin.CAUTION
    assert loaded.problems[-1] == f"{CAUTION}."


def test_a_file_that_cannot_be_read_makes_it_read_only_too(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    loaded = load(tmp_path, lenient=True)
    assert loaded.settings == Settings(read_only=True)
    assert "cannot be read" in loaded.problems[0]


@pytest.mark.parametrize("kind", ["pipe", "link to a device", "huge"])
def test_what_cannot_be_read_to_an_end_is_not_waited_for(tmp_path: Path, kind: str) -> None:
    path = tmp_path / FILE_NAME
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "huge":
        with path.open("wb") as file:
            file.truncate(LARGEST + 1)
    else:
        path.symlink_to("/dev/zero")
    loaded = load(tmp_path, lenient=True)
    assert loaded.settings.read_only
    with pytest.raises(ConfigError, match=r"is larger than 1\.0 MB|is not a regular file"):
        load(tmp_path)
    with pytest.raises(ConfigError):
        update(tmp_path, mouse=False)  # and nothing takes its place


@pytest.mark.parametrize("text", ["interval = " + "9" * 5000, "prices = " + "[" * 9999])
def test_a_number_or_nesting_without_end_is_no_toml(tmp_path: Path, text: str) -> None:
    assert lenient(tmp_path, text).settings.read_only
    assert "too long a number, or too deep" in lenient(tmp_path, text).problems[0]


@pytest.mark.parametrize("value", ["9" * 30, '"999999999TB"', str(2**63)])
def test_a_size_that_no_disk_has(tmp_path: Path, value: str) -> None:
    (problem,) = lenient(tmp_path, f"cache_limit = {value}").problems
    assert "must be a number of bytes" in problem


def test_of_an_account_with_a_fault_nothing_holds(tmp_path: Path) -> None:
    # Half of it, without its address, would send the key of one server to another.
    loaded = lenient(
        tmp_path,
        """
        account = "gateway"
        [accounts.gateway]
        base_url = "nonsense"
        key_env = "GATEWAY_KEY"
        [accounts.home]
        profile = "home"
        """,
    )
    assert list(loaded.settings.accounts) == ["home"]
    assert loaded.settings.account is None
    assert loaded.settings.read_only
    assert [(each.line, each.name) for each in loaded.faults] == [
        (2, "account"),
        (4, "accounts.gateway.base_url"),
    ]


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        (f'[accounts.a]\nkey_env = "{KEY}"', "accounts.a.key_env", "looks like an API key"),
        (f'base_url = "https://x/{KEY}"', "base_url", "looks like an API key"),
        ('base_url = "https://me:pw@x"', "base_url", "looks like an API key"),
        (f'[hooks]\non_end = ["a", "{KEY}"]', "hooks.on_end", "looks like an API key"),
        (f'[accounts.a]\nkey_command = ["echo", "{KEY}"]', "accounts.a.key_command", "no place"),
        (f'[accounts."{KEY}"]\nread_only = true', "accounts.[key]", "looks like an API key"),
        (f'"{KEY}" = 1', "[key]", "looks like an API key"),
        (f'[prices.x]\n"{KEY}" = 1', "prices.x", "looks like an API key"),
        (
            '[hooks]\non_end = ["curl", "-H", "Authorization: Bearer abcdefghijklmnop"]',
            "hooks.on_end",
            "no place",
        ),
        ('[accounts.a]\nkey_env = "MY-KEY"', "accounts.a.key_env", "name of an environment"),
        ("[accounts.a]\nkey_command = []", "accounts.a.key_command", "a program"),
        ("[accounts.a]\nkey_env = 'A'\nkey_command = ['b']", "accounts.a.key_command", "beside"),
        ("[keys]\nbatches.cancel = 'x'", "keys.batches", 'keys."batches.cancel"'),
        ("cache_limit = '5 apples'", "cache_limit", '"5GB"'),
        ("cache_limit = -1", "cache_limit", '"5GB"'),
        ("cache_limit = true", "cache_limit", '"5GB"'),
        ("notify = 3", "notify", "a table"),
        ("[notify]\nmouse = true", "notify.mouse", "above the first"),
        ("accounts = { a = 3 }", "accounts.a", "a table"),
        ("[[prices.x]]\ninput = 1\n[[prices.x]]\n", "prices.x.output", "is missing"),
    ],
)
def test_what_is_wrong_and_where(tmp_path: Path, text: str, name: str, words: str) -> None:
    loaded = lenient(tmp_path, text)
    (fault,) = loaded.faults
    assert fault.name == name
    assert words in str(fault)
    assert fault.line
    for problem in loaded.problems:
        assert not {KEY, "me:pw", "abcdefghijklmnop"} & set(problem.split())
        assert "sk-ant" not in problem
        assert "\n" not in problem


def test_sizes_may_be_text() -> None:
    for text in ("cache_limit = '5 GB'", "cache_limit = 5_000_000_000"):
        assert check(text) == ({"cache_limit": 5_000_000_000}, ())


def test_an_account_may_be_a_profile(tmp_path: Path) -> None:
    configs = tmp_path / "configs"
    configs.mkdir()
    (configs / "work.json").write_text("{}")
    environ = {"ANTHROPIC_CONFIG_DIR": str(tmp_path)}
    assert faults_of('account = "work"', environ) == ()
    assert faults_of('account = "environment"', environ) == ()
    (fault,) = faults_of('account = "wrok"', environ)
    assert 'Did you mean "work"' in str(fault)


def test_a_named_account_gives_way_to_the_environment(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('account = "a"\n[accounts.a]\n[accounts.b]\n')
    loaded = load(tmp_path, {}, {"BATCHTUI_ACCOUNT": "b"})
    assert loaded.settings.account == "b"
    assert loaded.origins["account"] is Origin.ENVIRONMENT
    assert load(tmp_path, {"account": "a"}, {"BATCHTUI_ACCOUNT": "b"}).settings.account == "a"


def test_options_cannot_undo_caution(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("base_url = 3")
    assert load(tmp_path, {"read_only": False}, lenient=True).settings.read_only


def test_a_mark_of_byte_order_is_no_fault(tmp_path: Path) -> None:
    assert lenient(tmp_path, b"\xef\xbb\xbfmouse = false\r\n").settings == Settings(mouse=False)


def test_the_stamp_changes_with_the_file(tmp_path: Path) -> None:
    assert stamp(tmp_path) is None
    path = tmp_path / FILE_NAME
    path.write_text("mouse = true")
    first = stamp(tmp_path)
    assert first == stamp(tmp_path)
    os.utime(path, (1, 1))
    assert stamp(tmp_path) != first
    path.write_text("mouse = false")
    os.utime(path, (1, 1))
    assert len({first, stamp(tmp_path), None}) == 3


SCALARS = st.one_of(
    st.booleans(),
    st.integers(-(2**40), 2**40).map(str),
    st.sampled_from(['"x"', "''", "[]", "{}", "nan", "1.5", "1979-05-27", '["a"]', "{ bell = 1 }"]),
)
NAMES = st.sampled_from(
    [
        *("mouse", "notify.bell", "interval", "hooks", "cache_limit", "keys", "tabs.a", "zzz"),
        *("account", "accounts", "accounts.a.key_env", "prices.x.input", '"\\u001b"'),
    ]
)


@given(st.lists(st.tuples(NAMES, SCALARS)))
@example([("accounts", "3"), ("account", '"x"')])
def test_any_file_can_be_started_on(lines: list[tuple[str, object]]) -> None:
    text = "\n".join(f"{name} = {str(value).lower()}" for name, value in lines)
    values, faults = check(text, {})
    again, none = check_values(values)
    assert (again, none) == (values, ())
    for fault in faults:
        assert "\x1b" not in str(fault)


def check_values(values: dict[str, object]) -> tuple[dict[str, object], tuple[object, ...]]:
    """What holds of what held: all of it."""
    import tomlkit

    return check(tomlkit.dumps(values), {})


@given(st.text())
def test_any_text_can_be_started_on(text: str) -> None:
    check(text, {})
