"""Changes written to config.toml: what is asked for and nothing else, however it was written."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.domain.errors import ConfigError, StorageError
from batchtui.settings.changing import UNSET, change, changed, update
from batchtui.settings.checking import faults_of
from batchtui.settings.faults import FILE_NAME, FaultError

MINE = """\
# mine
theme = "dark" # night
  interval = 5
# mouse = true

# about the terminal
[notify]
bell = true  # loud

# about keys
[keys]
"batches.cancel" = "x"
"""


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        (("theme",), "light", '"dark"', '"light"'),
        (("interval",), 0.5, "  interval = 5", "  interval = 0.5"),
        (("mouse",), False, "interval = 5\n", "interval = 5\nmouse = false\n"),
        (("notify", "bell"), False, "true  # loud", "false  # loud"),
        (("notify", "title"), False, "# loud\n", "# loud\ntitle = false\n"),
        (("keys", "batches.cancel"), "y", '"x"', '"y"'),
        (("keys", "help"), "h", '"x"\n', '"x"\nhelp = "h"\n'),
        (("hooks", "on_end"), ["a", "b c"], '"x"\n', '"x"\n\n[hooks]\non_end = ["a", "b c"]\n'),
        (("theme",), UNSET, 'theme = "dark" # night\n', ""),
        (("notify", "bell"), UNSET, "bell = true  # loud\n", ""),
        (("notify", "title"), UNSET, "", ""),
        (("hooks", "on_end"), UNSET, "", ""),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_only_what_is_asked_for_is_different(
    path: tuple[str, ...], value: object, old: str, new: str, newline: str
) -> None:
    text = MINE.replace("\n", newline)
    expected = MINE.replace(old, new, 1) if old else MINE
    assert changed(text, {path: value}) == expected.replace("\n", newline)


WRITTEN = [
    "",
    "# only a comment",
    "# about keys\n[keys]\nhelp = 'h'\n",
    "notify.bell = true # c\r\n",
    "notify = { bell = true } # c\n[keys]",
    "accounts = { work = { color = 'red' } }",
    "[accounts]\nwork = { color = 'red' } # c\n",
    "[accounts]\nwork.color = 'red'\n",
    "[accounts.work]\ncolor = 'red' # c\n[keys]\n[accounts.home]\n",
    "keys.'batches.cancel' = 'x'",
    'columns = [\n  "a", # one\n  "b",\n]\n',
    "[[prices.x]]\ninput = 3\n[[prices.x]]\nover_prompt_tokens = 100000\n",
    "theme\t=\t'a' # it's\n[keys]\n",
    'theme = """over\nlines"""\nauto_fetch = false',
    '"theme" = "a"\n\n\n\n',
]
CHANGES: list[tuple[tuple[str, ...], object]] = [
    (("theme",), 'l"ight\n'),
    (("mouse",), False),
    (("columns",), ["x"]),
    (("notify", "title"), False),
    (("notify", "bell"), UNSET),
    (("accounts", "work", "profile"), "p"),
    (("accounts", "new", "key_command"), ["a", "b"]),
    (("accounts", "work"), UNSET),
    (("keys", "batches.cancel"), "y"),
    (("keys",), UNSET),
    (("prices", "y"), {"input": 1.5}),
    (("hooks", "on_end"), ["a"]),
]


@pytest.mark.parametrize("text", WRITTEN)
@pytest.mark.parametrize(("path", "value"), CHANGES)
def test_however_it_was_written(text: str, path: tuple[str, ...], value: object) -> None:
    wanted = tomllib.loads(text)
    put(wanted, path, value)
    new = changed(text, {path: value})
    assert empty_left_out(tomllib.loads(new)) == empty_left_out(wanted)
    comments = {line.partition("#")[2] for line in text.splitlines() if "#" in line}
    if path[0] not in text:
        assert all(comment in new for comment in comments)
    assert new.count("\n") == new.count("\r\n" if "\r\n" in text else "\n")


def put(values: dict[str, Any], path: tuple[str, ...], value: object) -> None:
    *around, name = path
    for part in around:
        values = values.setdefault(part, {})
    if value is UNSET:
        values.pop(name, None)
    else:
        values[name] = value


def empty_left_out(values: dict[str, Any]) -> dict[str, Any]:
    inner = {k: empty_left_out(v) if isinstance(v, dict) else v for k, v in values.items()}
    return {key: value for key, value in inner.items() if value != {}}


@pytest.mark.parametrize("text", ["[keys]\nhelp = 'h'\n", "# mine\n\n[notify]\nbell = true\n"])
def test_what_is_not_there_can_be_taken_out_as_often_as_one_likes(text: str) -> None:
    for path in (("theme",), ("hooks",), ("hooks", "on_end"), ("tabs", "a")):
        assert changed(text, {path: UNSET}) == text


@pytest.mark.parametrize("text", ["[keys]\nhelp = 'h'\n", 'theme = "x"\n\n[keys]\n', "# mine\n"])
def test_nothing_grows_when_a_key_comes_and_goes(text: str) -> None:
    there = changed(text, {("theme",): "x"})
    for _ in range(3):
        gone = changed(there, {("theme",): UNSET})
        assert changed(gone, {("theme",): "x"}) == there


def test_what_comes_first_goes_behind_the_comments_that_head_the_file() -> None:
    assert changed("# mine\n", {("mouse",): False}) == "# mine\n\nmouse = false\n"
    both = changed("# mine\n\n# keys\n[keys]\n", {("mouse",): False})
    assert both == "# mine\n\nmouse = false\n\n# keys\n[keys]\n"


def test_a_file_without_a_last_line_break_gets_one_before_more() -> None:
    assert changed('theme = "x"', {("theme",): UNSET}) == ""
    added = changed('theme = "x"', {("notify", "bell"): False})
    assert added == 'theme = "x"\n\n[notify]\nbell = false\n'


@pytest.mark.parametrize("text", ["keys = 3", "[[keys]]\nhelp = 'x'", "keys = [{ help = 'x' }]"])
def test_what_is_no_table_is_left_alone(text: str) -> None:
    for value in ("x", UNSET):
        with pytest.raises(ConfigError, match=r"keys\.help cannot be changed.*config edit"):
            changed(text, {("keys", "help"): value})


def test_odd_line_breaks_in_texts_are_none(tmp_path: Path) -> None:
    text = 'theme = "a\u2028b" # \x85 c\r\nmouse = true\n# d\n[keys]\n'
    assert changed(text, {("interval",): 1}) == text.replace("# d", "interval = 1\n# d")


TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)


@given(
    st.lists(
        st.tuples(
            st.one_of(
                st.just(("theme",)),
                st.tuples(st.just("keys"), TEXTS),
                st.tuples(st.just("tabs"), TEXTS),
                st.tuples(st.just("accounts"), TEXTS, st.just("profile")),
            ),
            st.one_of(TEXTS, st.just(UNSET)),
        ),
        max_size=6,
    )
)
def test_any_names_and_texts_survive(changes: list[tuple[tuple[str, ...], object]]) -> None:
    text, wanted = MINE, tomllib.loads(MINE)
    for path, value in changes:
        put(wanted, path, value)
        text = changed(text, {path: value})
    assert empty_left_out(tomllib.loads(text)) == empty_left_out(wanted)
    assert "# mine" in text


def write(directory: Path, text: str) -> Path:
    path = directory / FILE_NAME
    path.write_bytes(text.encode())
    return path


def files(directory: Path) -> list[str]:
    return [each.name for each in directory.iterdir() if each.is_file()]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("mouse",), "perhaps"),
        (("mose",), True),
        (("accounts", "work", "base_url"), "nonsense"),
        (("accounts", "work", "key_env"), "sk-ant-api03-xyz"),
        (("base_url",), "https://sk-ant-api03-xyz@example.com"),
        (("accounts",), UNSET),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(
    tmp_path: Path, path: tuple[str, ...], value: object
) -> None:
    file = write(tmp_path, 'account = "work"\n[accounts.work]\n')
    before = file.stat()
    with pytest.raises(FaultError) as caught:
        change(tmp_path, {path: value}, lambda text: faults_of(text, {}))
    assert "sk-ant" not in str(caught.value)
    assert "line" not in str(caught.value)
    assert file.read_text() == 'account = "work"\n[accounts.work]\n'
    assert file.stat().st_mtime_ns == before.st_mtime_ns
    assert files(tmp_path) == [FILE_NAME]


def test_a_file_with_faults_can_be_changed_and_mended(tmp_path: Path) -> None:
    file = write(tmp_path, "mouse = 3 # why?\ninterval = 'x'\n")
    rest = change(tmp_path, {("theme",): "x"})
    assert [each.name for each in rest] == ["mouse", "interval"]
    assert [each.name for each in change(tmp_path, {("mouse",): True})] == ["interval"]
    assert change(tmp_path, {("interval",): UNSET}) == ()
    assert file.read_text() == 'mouse = true # why?\ntheme = "x"\n'


def test_what_is_not_toml_stays_as_it_is(tmp_path: Path) -> None:
    file = write(tmp_path, "theme = \n")
    with pytest.raises(FaultError, match="not valid TOML"):
        update(tmp_path, theme="x")
    assert file.read_text() == "theme = \n"


def test_what_is_so_already_is_not_written_again(tmp_path: Path) -> None:
    file = write(tmp_path, "mouse = true\n")
    os.utime(file, (1, 1))
    update(tmp_path, mouse=True)
    assert file.stat().st_mtime == 1


def test_a_file_that_was_just_made_is_nobody_elses(tmp_path: Path) -> None:
    update(tmp_path, mouse=False)
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_a_link_that_leads_nowhere_yet_is_followed(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    (tmp_path / FILE_NAME).symlink_to(tmp_path / "dotfiles" / "batchtui.toml")
    update(tmp_path, mouse=False)
    assert (tmp_path / FILE_NAME).is_symlink()
    assert (tmp_path / "dotfiles" / "batchtui.toml").read_text() == "mouse = false\n"


def test_a_link_to_itself_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).symlink_to(tmp_path / FILE_NAME)
    with pytest.raises(ConfigError, match="cannot be read"):
        update(tmp_path, mouse=False)


@pytest.fixture
def unwritable(tmp_path: Path) -> Iterator[Path]:
    if os.getuid() == 0:
        pytest.skip("root may write everywhere")
    write(tmp_path, "mouse = true\n")
    tmp_path.chmod(0o500)
    yield tmp_path
    tmp_path.chmod(0o700)


def test_a_directory_that_cannot_be_written(unwritable: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        update(unwritable, mouse=False)
    assert (unwritable / FILE_NAME).read_text() == "mouse = true\n"


def test_a_file_that_nobody_may_write_is_left_alone(tmp_path: Path) -> None:
    file = write(tmp_path, "mouse = true\n")
    file.chmod(0o400)
    with pytest.raises(StorageError, match=r"is read-only\. It is .*config\.toml"):
        update(tmp_path, mouse=False)
    assert file.read_text() == "mouse = true\n"
    assert files(tmp_path) == [FILE_NAME]


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    file = write(tmp_path, "mouse = true\n")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        update(tmp_path, mouse=False)
    assert file.read_text() == "mouse = true\n"
    assert files(tmp_path) == [FILE_NAME]


WRITER = """
import sys
from pathlib import Path
from batchtui.settings.changing import change
for number in range(20):
    change(Path(sys.argv[1]), {("tabs", f"{sys.argv[2]} {number}"): "running"})
"""


def test_two_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    write(tmp_path, "# mine\n")
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), name]) for name in "ab"
    ]
    assert [writer.wait(30) for writer in writers] == [0, 0]
    text = (tmp_path / FILE_NAME).read_text()
    assert set(tomllib.loads(text)["tabs"]) == {f"{w} {n}" for w in "ab" for n in range(20)}
    assert text.startswith("# mine\n")
    assert files(tmp_path) == [FILE_NAME]
