"""Foreign text made safe to show, and numbers, sizes and durations as people read them."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache

# C0 but tab and newline, DEL, C1, and everything that reorders text or hides in it. U+200D stays:
# without it emoji sequences fall apart, and it can do no harm to a terminal.
_CONTROL = "\x00-\x08\x0b-\x1f\x7f-\x9f"
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_HIDDEN = "\u200b\u2028\u2029\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
_SURROGATES = "\ud800-\udfff"
UNSAFE = re.compile(f"[{_CONTROL}{_BIDI}{_HIDDEN}{_SURROGATES}]")
"""Characters that must not reach a terminal from foreign text."""

_LONE = re.compile(f"[{_SURROGATES}]")
_LINE_BREAKS = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]")
_MARKS = re.compile(
    r"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff\ufe20-\ufe2f]{8})"
    r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff\ufe20-\ufe2f]+"
)


def safe_text(text: str) -> str:
    """Text over several lines without anything a terminal could obey.

    Line breaks of all kinds become newlines, tabs stay, other controls become U+FFFD; a pile of
    more than eight combining marks on a character is cut.
    """
    text = _LINE_BREAKS.sub("\n", text)
    return _MARKS.sub(r"\1", UNSAFE.sub("\ufffd", text))


def unicode_text(text: str) -> str:
    """Text that JSON and UTF-8 can hold.

    Lone surrogates, which also stand for odd bytes in the names of files, become U+FFFD.
    """
    return _LONE.sub("\ufffd", text)


def safe_line(text: str, limit: int = 1000) -> str:
    """Text on one line without anything a terminal could obey, cut after `limit` characters."""
    if len(text) > limit:
        text = text[:limit] + "…"
    return safe_text(text).replace("\n", "⏎").replace("\t", " ")


def cell_width(text: str) -> int:
    """How many terminal cells the text takes."""
    if text.isascii():
        return len(text)
    return sum(map(_char_width, text))


@lru_cache(maxsize=4096)
def _char_width(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me", "Cf", "Cc"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def crop(text: str, width: int) -> str:
    """The text cut at its end to at most `width` cells, with "…" where something is missing."""
    if cell_width(text) <= width:
        return text
    return _take(text, width - 1) + "…" if width > 0 else ""


def crop_middle(text: str, width: int) -> str:
    """The text cut in its middle to at most `width` cells, so that both ends of an id stay."""
    if cell_width(text) <= width:
        return text
    if width < 6:
        return crop(text, width)
    tail = min((width - 1) // 3, 8)
    return f"{_take(text, width - 1 - tail)}…{_take(text[::-1], tail)[::-1]}"


def _take(text: str, width: int) -> str:
    used = 0
    for index, char in enumerate(text):
        used += _char_width(char)
        if used > width:
            return text[:index]
    return text


def pad(text: str, width: int, *, right: bool = False) -> str:
    """The text cropped or filled with spaces to exactly `width` cells; `right` aligns it right."""
    text = crop(text, width)
    fill = " " * (width - cell_width(text))
    return fill + text if right else text + fill


def count(number: int) -> str:
    """12,345."""
    return f"{number:,}"


def counted(number: int, noun: str, nouns: str = "") -> str:
    """1 file, 12,345 files; `nouns` is the plural if it is not simply longer by an "s"."""
    return f"{count(number)} {noun if number == 1 else nouns or f'{noun}s'}"


def short_count(number: int) -> str:
    """At most four cells: 999, 1.2k, 12k, 340k, 1.2M."""
    if number < 1000:
        return str(number)
    value = float(number)
    for unit in "kMGT":
        value /= 1000
        if value < 9.95:
            return f"{value:.1f}{unit}"
        if value < 999.5:
            return f"{value:.0f}{unit}"
    return f"{value:.0f}T"


def percent(part: int, whole: int, *, tenths: bool = True) -> str:
    """A share as "61%": rounded down, "<1%" if small, "" of nothing.

    "100%" and "0%" are said only when it is all or nothing. From 99 on tenths are given, unless
    there is no room for more than four cells.
    """
    if whole <= 0:
        return ""
    if part >= whole:
        return "100%"
    thousandths = part * 1000 // whole
    if tenths and thousandths >= 990:
        return f"{thousandths / 10:.1f}%"
    return f"{thousandths // 10}%" if thousandths >= 10 or not part else "<1%"


def size(octets: float) -> str:
    """Bytes in decimal units: 412 kB, 1.2 MB."""
    if octets < 1000:
        return f"{octets:.0f} B"
    value = float(octets)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 9.95:
            return f"{value:.1f} {unit}"
        if value < 999.5:
            return f"{value:.0f} {unit}"
    return f"{value:.0f} TB"


def money(usd: float) -> str:
    """US dollars, to two digits at least: $0, <$.000001, $0.000083, $0.0017, $34.81, $1,204.50."""
    if not usd:
        return "$0"
    if usd < 0.000001:
        return "<$.000001"
    if usd < 0.001:
        return f"${usd:.6f}"
    return f"${usd:.4f}" if usd < 0.99995 else f"${usd:,.2f}"


def brief_money(usd: float) -> str:
    """US dollars where there is little room: <$0.01, $0.25, $34.81, $1,204."""
    if 0 < usd < 0.01:
        return "<$0.01"
    return f"${usd:.2f}" if usd < 1000 else f"${usd:,.0f}"


def duration(span: timedelta | float) -> str:
    """One unit, at most four cells, rounded down: 45s, 12m, 23h, 6d. Seconds or a timedelta."""
    seconds = max(0, int(span.total_seconds() if isinstance(span, timedelta) else span))
    if seconds < 60:
        return f"{seconds}s"
    if seconds < 3600:
        return f"{seconds // 60}m"
    if seconds < 48 * 3600:
        return f"{seconds // 3600}h"
    return f"{seconds // 86400}d"


def long_duration(span: timedelta | float) -> str:
    """Two units where they matter: 45s, 3m20s, 12m, 1h05m, 23h48m, 2d3h, 28d."""
    seconds = max(0, int(span.total_seconds() if isinstance(span, timedelta) else span))
    if seconds < 60:
        return f"{seconds}s"
    if seconds < 600:
        return f"{seconds // 60}m{seconds % 60:02}s" if seconds % 60 else f"{seconds // 60}m"
    if seconds < 3600:
        return f"{seconds // 60}m"
    if seconds < 48 * 3600:
        hours, minutes = divmod(seconds // 60, 60)
        return f"{hours}h{minutes:02}m" if minutes else f"{hours}h"
    days, hours = divmod(seconds // 3600, 24)
    return f"{days}d{hours}h" if hours and days < 7 else f"{days}d"


def in_zone(moment: datetime, zone: tzinfo | None) -> datetime:
    """The moment in a time zone; at the ends of time, which servers may name, as it is."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment


def clock(moment: datetime) -> str:
    """12:01:03 in the time zone of `moment`."""
    return f"{moment:%H:%M:%S}"


def day_and_time(moment: datetime, now: datetime) -> str:
    """When something is, as one would say it at `now` (both in the zone to speak in).

    "11:49", "tomorrow 11:49", "yesterday 11:49", "22 Dec 11:49", "22 Dec 2025".
    """
    days = (moment.date() - now.date()).days
    if days == 0:
        return f"{moment:%H:%M}"
    if days in (-1, 1):
        return f"{'tomorrow' if days > 0 else 'yesterday'} {moment:%H:%M}"
    if abs(days) < 300:
        return f"{moment.day} {moment:%b %H:%M}"
    return f"{moment.day} {moment:%b %Y}"
