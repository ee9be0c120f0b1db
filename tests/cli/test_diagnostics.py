from __future__ import annotations

import click
import pytest

from batchtui.cli import diagnostics
from batchtui.cli.diagnostics import guarded
from batchtui.domain.errors import BatchtuiError, CredentialsError, StorageError, UsageError


def fail(error: BaseException) -> int:
    def call() -> int:
        raise error

    return guarded(call)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StorageError("The disk is full"), 1),
        (UsageError("No such batch"), 2),
        (CredentialsError("No credentials were found"), 4),
        (KeyboardInterrupt(), 130),
        (click.Abort(), 130),
        (click.UsageError("No such option"), 2),
        (ZeroDivisionError("x"), 1),
    ],
)
def test_every_failure_has_its_code_and_a_sentence(
    error: BaseException, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fail(error) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err
    assert "Traceback" not in told.err


def test_a_code_that_is_returned_counts() -> None:
    assert guarded(lambda: 3) == 3
    assert guarded(lambda: None) == 0


def test_a_fault_of_our_own_tells_its_kind_but_not_its_message(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert fail(KeyError("sk-ant-api03-secret")) == 1
    told = capsys.readouterr().err
    assert "KeyError at cli/diagnostics.py" in told
    assert "secret" not in told
    assert told.count("\n") == 1


def test_bytes_of_the_system_that_are_no_text_are_no_fault_of_ours(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert guarded(lambda: "a\udcff".encode()) == 2
    assert "no UTF-8" in capsys.readouterr().err
    assert guarded(lambda: "a\ud800".encode()) == 1
    assert "fault of its own" in capsys.readouterr().err


def test_debug_shows_where_but_no_secret(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BATCHTUI_DEBUG", "1")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "an-odd-looking-token")
    fail(ValueError("sk-ant-api03-x and an-odd-looking-token and Bearer abc \x1b[2J"))
    told = capsys.readouterr().err
    assert "Traceback" in told
    assert "[key] and [key] and Bearer [key] \ufffd[2J" in told


def test_an_error_can_be_about_a_batch(capsys: pytest.CaptureFixture[str]) -> None:
    assert diagnostics.report(BatchtuiError("It is gone"), about="x\x1b[1m") == 1
    assert capsys.readouterr().err == "x\ufffd[1m: It is gone.\n"


def test_progress_is_silent_off_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with diagnostics.Progress() as progress:
        progress.show("half")
    assert capsys.readouterr().err == ""


def test_what_is_wrong_with_one_batch_is_not_wrong_usage(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert diagnostics.report(UsageError("No id looks like this"), about="../x") == 1
    assert diagnostics.report(CredentialsError("No credentials were found"), about="a") == 4
    assert capsys.readouterr().err.splitlines()[0] == "../x: No id looks like this."
