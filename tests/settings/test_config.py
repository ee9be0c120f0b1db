"""config.toml: read with care, complained about in one sentence, changed line by line."""

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.errors import ConfigError, StorageError
from batchtui.settings.changing import update
from batchtui.settings.config import Origin, load
from batchtui.settings.faults import FILE_NAME
from batchtui.settings.schema import Settings


def write(directory: Path, text: str | bytes) -> Path:
    path = directory / FILE_NAME
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_without_a_file_everything_is_default(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    assert loaded.settings == Settings()
    assert set(loaded.origins.values()) == {Origin.DEFAULT}
    assert load(tmp_path / "not there").settings == Settings()


def test_options_win_over_environment_over_file_over_defaults(tmp_path: Path) -> None:
    write(
        tmp_path, 'theme = "dark"\nprofile = "work"\nworkspace = "w"\nmouse = false\ninterval = 5'
    )
    loaded = load(
        tmp_path,
        {"theme": "light", "interval": None, "profile": None, "workspace": "other"},
        {"ANTHROPIC_API_KEY": "k", "ANTHROPIC_WORKSPACE_ID": "env", "ANTHROPIC_BASE_URL": ""},
    )
    assert loaded.settings == Settings(
        theme="light", profile=None, workspace="other", mouse=False, interval=5
    )
    assert loaded.origins["theme"] is Origin.OPTION
    assert loaded.origins["interval"] is Origin.FILE
    assert loaded.origins["profile"] is Origin.ENVIRONMENT
    assert loaded.origins["workspace"] is Origin.OPTION
    assert loaded.origins["base_url"] is Origin.DEFAULT


def test_false_and_zero_are_values_too(tmp_path: Path) -> None:
    write(tmp_path, "interval = 30\nread_only = true")
    settings = load(tmp_path, {"interval": 0, "read_only": False}).settings
    assert (settings.interval, settings.read_only) == (0, False)


def test_every_key(tmp_path: Path) -> None:
    write(
        tmp_path,
        """
        profile = "p"
        base_url = "http://x"
        workspace = "w"
        theme = "t"
        interval = 2.5
        mouse = false
        read_only = true
        auto_fetch = true
        animation = "none"
        [keys]
        "batches.cancel" = "x,ctrl+k"
        [prices."claude-opus-5"]
        input = 2
        """,
    )
    loaded = load(tmp_path)
    given = {name for name, origin in loaded.origins.items() if origin is Origin.FILE}
    assert given == {
        "profile",
        "base_url",
        "workspace",
        "theme",
        "interval",
        "mouse",
        "read_only",
        "auto_fetch",
        "animation",
        'keys."batches.cancel"',
        "prices.claude-opus-5.input",
    }
    assert loaded.settings.keys == {"batches.cancel": "x,ctrl+k"}
    assert loaded.settings.prices == {"claude-opus-5": {"input": 2}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("theme = \n", ["not valid TOML", "line 1", "column 9"]),
        ("mouse = true\n\nauto_fetch = yes", ["not valid TOML", "line 3"]),
        ("a = 1\na = 2\n", ["not valid TOML", "line 2"]),
        (b"theme = '\xff'", ["not UTF-8"]),
        ('mouse = "yes"', ['"mouse"', "true or false"]),
        ("read_only = 1", ['"read_only"', "true or false"]),
        ("interval = true", ['"interval"', "seconds"]),
        ("interval = -1", ['"interval"', "0 to"]),
        ("interval = nan", ['"interval"', "0 to"]),
        ("interval = inf", ['"interval"', "0 to"]),
        ("theme = 3", ['"theme"', "text in quotes"]),
        ('animation = "wild"', ['"animation"', '"auto" or "none"']),
        ("keys = 3", ['"keys"', "table"]),
        ("[keys]\nquit = 3", ["line 2", '"keys.quit"', "text in quotes"]),
        ("them = 'dark'", ['"them"', 'Did you mean "theme"?']),
        ("read-only = true", ['"read-only"', 'Did you mean "read_only"?']),
        ("zzzzz = 1", ['"zzzzz"', "Known are account"]),
        ("[mouse]\nx = 1", ['"mouse"', "true or false"]),
        ("x = " + "[" * 50_000, ["not valid TOML"]),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    tmp_path: Path, text: str | bytes, words: list[str]
) -> None:
    path = write(tmp_path, text)
    before = path.read_bytes()
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    for word in [FILE_NAME, *words]:
        assert word in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2
    assert path.read_bytes() == before


def test_hostile_keys_are_made_safe(tmp_path: Path) -> None:
    write(tmp_path, '"\\u001b]0;x\\u0007\\u202e" = 1')
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    assert not {"\x1b", "\x07", "\u202e"} & set(str(caught.value))


@pytest.mark.parametrize("kind", ["directory", "unreadable"])
def test_a_file_that_cannot_be_read(tmp_path: Path, kind: str) -> None:
    if kind == "directory":
        (tmp_path / FILE_NAME).mkdir()
    elif os.getuid() == 0:
        pytest.skip("root may read everything")
    else:
        write(tmp_path, "").chmod(0)
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)


def test_an_update_keeps_comments_order_and_everything_else(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """# mine
theme = "dark"  # at night
  interval = 5
# mouse = true

[keys]
theme = "ctrl+t"  # a command, not the setting
""",
    )
    update(tmp_path, theme="light", mouse=False, interval=7)
    assert (
        path.read_text()
        == """# mine
theme = "light"  # at night
  interval = 7
mouse = false
# mouse = true

[keys]
theme = "ctrl+t"  # a command, not the setting
"""
    )
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "text",
    [
        "",
        "auto_fetch = false",
        'theme = """over\nlines"""\nauto_fetch = false',
        'keys = { theme = "x" }\ntheme = "# no comment"',
        '"theme" = "quoted"\nauto_fetch = false',
        "theme = 'a'\r\nauto_fetch = false\r\n",
        "theme\t=\t'a' # it's\n[keys]\n",
    ],
)
def test_an_update_says_the_right_thing_however_the_file_was_written(
    tmp_path: Path, text: str
) -> None:
    path = write(tmp_path, text)
    before = tomllib.loads(text)
    update(tmp_path, theme='l"ight\n', interval=0.5)
    assert tomllib.loads(path.read_text()) == before | {"theme": 'l"ight\n', "interval": 0.5}
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == [FILE_NAME]


@given(theme=st.text(st.characters(codec="utf-8")))
def test_any_text_survives(tmp_path_factory: pytest.TempPathFactory, theme: str) -> None:
    directory = tmp_path_factory.mktemp("config")
    update(directory, theme="first", auto_fetch=True)
    update(directory, theme=theme)
    assert load(directory).settings == Settings(theme=theme, auto_fetch=True)


def test_a_linked_file_stays_linked(tmp_path: Path) -> None:
    kept = tmp_path / "dotfiles"
    kept.mkdir()
    write(kept, "auto_fetch = true\n")
    (tmp_path / FILE_NAME).symlink_to(kept / FILE_NAME)
    update(tmp_path, theme="x")
    assert (tmp_path / FILE_NAME).is_symlink()
    assert (kept / FILE_NAME).read_text() == 'auto_fetch = true\ntheme = "x"\n'


def test_an_update_that_makes_no_sense_changes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, "auto_fetch = true\n")
    with pytest.raises(ConfigError):
        update(tmp_path, animation="wild")
    assert path.read_text() == "auto_fetch = true\n"


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        update(tmp_path / "missing", theme="x")
