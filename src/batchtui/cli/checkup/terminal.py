"""Judges what the terminal is capable of, by what its environment says of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from batchtui.cli.checkup.finding import Finding, ok, warn
from batchtui.cli.terminal import NO_COLOR, wants_color
from batchtui.domain.osc import abilities, is_remote
from batchtui.domain.text import safe_line
from batchtui.settings.schema import Settings

COLUMNS, ROWS = 80, 24
"""What every screen is complete at."""

_NAMES = ("TERM_PROGRAM", "LC_TERMINAL", "TERM")
_UTF8 = re.compile(r"utf-?8", re.IGNORECASE)
# Where the locale is a plain one, Python itself sets LC_CTYPE to one of these (PEP 538).
_COERCED, _PLAIN = ("C.UTF-8", "C.utf8", "UTF-8"), ("", "C", "POSIX")
_MANY = ("truecolor", "24bit")
# Whose documents say that they take OSC 52 without being asked to.
_TAKES_CLIPBOARD = ("wezterm", "ghostty", "kitty", "vscode", "alacritty", "foot", "contour", "rio")
_SET_CLIPBOARD = ("show-options", "-sv", "set-clipboard")
_PASSTHROUGH = ("show-options", "-gwv", "allow-passthrough")


class Screen(msgspec.Struct, frozen=True):
    """What is known of the terminal besides its environment.

    Attributes:
        columns: cells across; 0 if that is not known.
        rows: lines; likewise.
        clipboard: the option `set-clipboard` of tmux; "" if that is not asked or not known.
        passthrough: likewise its `allow-passthrough`.
    """

    columns: int = 0
    rows: int = 0
    clipboard: str = ""
    passthrough: str = ""


def with_tmux(
    screen: Screen, environ: Mapping[str, str], run: Callable[[Sequence[str]], str]
) -> Screen:
    """The same with what tmux says of itself, if it is in between.

    Args:
        screen: what is known already.
        environ: the environment.
        run: runs tmux with arguments; gives what it prints, "" if that fails.
    """
    if not environ.get("TMUX"):
        return screen
    clipboard, passthrough = run(_SET_CLIPBOARD), run(_PASSTHROUGH)
    return msgspec.structs.replace(screen, clipboard=clipboard, passthrough=passthrough)


def judge_terminal(
    screen: Screen | None, environ: Mapping[str, str], settings: Settings, *, windows: bool = False
) -> Iterator[Finding]:
    """What the terminal is capable of, and what could be switched on.

    Args:
        screen: None if there is no terminal.
        environ: the environment.
        settings: as in force.
        windows: whether this is Windows, whose terminals say less of themselves.
    """
    if screen is None:
        yield ok("terminal", "There is none here, so that nothing of it was looked at")
        return
    yield _kind(environ, windows)
    yield _size(screen)
    yield _colours(environ)
    yield _text(environ, windows)
    yield _clipboard(screen, environ)
    yield _notices(screen, environ, settings)
    yield _manners(environ, settings)


def _kind(environ: Mapping[str, str], windows: bool) -> Finding:
    term = environ.get("TERM", "")
    if term in ("", "dumb", "unknown") and not windows:
        found = f"TERM is {term}" if term else "TERM is not set"
        todo = "Set it to what your terminal is, such as xterm-256color; the commands work as it is"
        return warn("terminal", f"{found}: the app cannot draw", todo)
    named = (safe_line(environ[name], 60) for name in _NAMES if environ.get(name))
    between = " in tmux" if environ.get("TMUX") else " in GNU screen" if environ.get("STY") else ""
    over = " over SSH" if is_remote(environ) else ""
    return ok("terminal", f"{', '.join(dict.fromkeys(named)) or 'Windows'}{between}{over}")


def _size(screen: Screen) -> Finding:
    if not (screen.columns and screen.rows):
        return ok("size", "The terminal does not tell its own")
    found = f"{screen.columns} by {screen.rows} cells"
    if screen.columns < COLUMNS or screen.rows < ROWS:
        todo = f"Make the window larger: screens are complete from {COLUMNS} by {ROWS} on"
        return warn("size", f"Only {found}", todo)
    return ok("size", found)


def _colours(environ: Mapping[str, str]) -> Finding:
    term = environ.get("TERM", "")
    if not wants_color(environ):
        name = NO_COLOR if environ.get(NO_COLOR) else "CLICOLOR"
        return ok("colours", f"None, as {name} asks; nothing rests on colour alone")
    many = environ.get("COLORTERM", "").lower() in _MANY or term.endswith("-direct")
    if many or environ.get("WT_SESSION"):
        return ok("colours", "16 million")
    if "256" in term:
        todo = "Set COLORTERM=truecolor if your terminal has 16 million"
        return ok("colours", "256", todo)
    todo = "Set TERM to that of a terminal with 256, such as xterm-256color, if yours has them"
    if environ.get("TMUX"):
        todo = "Put `set -g default-terminal tmux-256color` into ~/.tmux.conf, and start tmux anew"
    return warn("colours", "16 at most", todo)


def _text(environ: Mapping[str, str], windows: bool) -> Finding:
    name = next((each for each in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(each)), "")
    value = environ.get(name, "")
    if name == "LC_CTYPE" and value in _COERCED and environ.get("LANG", "") in _PLAIN:
        todo = "If frames look broken, set LANG=C.UTF-8 or the like, and the terminal to UTF-8"
        return ok("unicode", "No UTF-8 locale is set; UTF-8 is taken for granted", todo)
    if windows or _UTF8.search(value):
        return ok("unicode", f"{name}={safe_line(value, 60)}" if name else "Yes")
    found = f"{name}={safe_line(value, 60)} is not UTF-8" if name else "No locale is set"
    return warn("unicode", found, "Set LANG=C.UTF-8, or another that ends in UTF-8")


def _clipboard(screen: Screen, environ: Mapping[str, str]) -> Finding:
    """Whether what is copied (OSC 52) can arrive; it never answers, so that it can only be told."""
    if environ.get("STY"):
        todo = "Use tmux, or export to a file"
        return warn("clipboard", "GNU screen does not pass on what is copied", todo)
    if environ.get("TMUX") and screen.clipboard not in ("on", ""):
        return warn(
            "clipboard",
            f"tmux does not pass on what is copied (set-clipboard is {screen.clipboard})",
            "Put `set -s set-clipboard on` into ~/.tmux.conf, and run `tmux source ~/.tmux.conf`",
        )
    return _clipboard_of(" ".join(environ.get(name, "") for name in _NAMES).lower(), environ)


def _clipboard_of(names: str, environ: Mapping[str, str]) -> Finding:
    if "iterm" in names:
        todo = "It must be allowed: Settings, General, Selection, access to clipboard"
        return ok("clipboard", "iTerm2 takes what is copied", todo)
    if "apple_terminal" in names:
        todo = "Use another terminal, or export to a file"
        return warn("clipboard", "Terminal.app does not take what is copied", todo)
    if environ.get("VTE_VERSION"):
        todo = "If nothing arrives, mark it with Shift and the mouse, or export to a file"
        return warn("clipboard", "Most terminals of VTE do not take what is copied", todo)
    if environ.get("WT_SESSION") or any(each in names for each in _TAKES_CLIPBOARD):
        return ok("clipboard", "The terminal takes what is copied (OSC 52)")
    if environ.get("XTERM_VERSION"):
        todo = "Put `XTerm*disallowedWindowOps: 20,21,SetXprop` into ~/.Xresources"
        return warn("clipboard", "xterm takes what is copied only when it is told to", todo)
    return ok("clipboard", "It cannot be told whether OSC 52 arrives; a file is offered, too")


def _notices(screen: Screen, environ: Mapping[str, str], settings: Settings) -> Finding:
    """Whether notifications of the desktop can arrive."""
    wanted = settings.notify.desktop
    desktop = abilities(environ).desktop if wanted == "auto" else wanted
    bell = "the bell" if settings.notify.bell else "nothing, as the bell is off"
    if wanted == "none":
        return ok("notices", f"Switched off (notify.desktop); left is {bell}")
    if desktop == "none":
        todo = 'If it takes them, set notify.desktop to "osc9" or "osc777"'
        return ok("notices", f"The terminal is not known to take any; left is {bell}", todo)
    if environ.get("TMUX") and screen.passthrough in ("off", ""):
        return warn(
            "notices",
            f"tmux does not pass them on (allow-passthrough is {screen.passthrough or 'not set'})",
            "Put `set -g allow-passthrough on` into ~/.tmux.conf, and run"
            " `tmux source ~/.tmux.conf`",
        )
    return ok("notices", f"The terminal shows them ({desktop.upper().replace('OSC', 'OSC ')})")


def _manners(environ: Mapping[str, str], settings: Settings) -> Finding:
    still = is_remote(environ) or settings.animation == "none"
    motion = "nothing is animated" if still else "what changes may be animated"
    if settings.mouse:
        return ok("mouse", f"It works, with Shift the terminal's own marking, too; {motion}")
    return ok("mouse", f"Left to the terminal; {motion}")
