"""What a look at a request file found: its requests, the plan, the price, and what ails it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from textual.content import Content

from batchtui.domain.job import Job, Part
from batchtui.domain.pricing import PriceTable
from batchtui.domain.progress import time_bar
from batchtui.domain.text import (
    cell_width,
    count,
    counted,
    crop_middle,
    day_and_time,
    duration,
    money,
    pad,
    percent,
    safe_line,
    short_count,
    size,
)
from batchtui.submissions.checked import Checked, Group, Progress, Where
from batchtui.ui.paths import home_path
from batchtui.ui.presenters.flow import Row, wrap
from batchtui.ui.presenters.state import LOUD, QUIET
from batchtui.ui.widgets.canvas import Titles

_BAR = 40
_WORD = 10
_MOST_MODELS = 8


def checking_lines(name: str, progress: Progress | None, width: int) -> list[Content]:
    """How far the look at a file is."""
    lines = [Content.assemble("Checking ", (crop_middle(safe_line(name), 60), "bold")), Content("")]
    if progress is None:
        return [*lines, Content.styled("opening it…", QUIET)]
    share = progress.bytes / progress.of if progress.of else 0.0
    bar = time_bar(share, max(min(_BAR, width - 10), 0))
    figures = [
        counted(progress.requests, "request"),
        f"{size(progress.bytes)} of {size(progress.of)}",
    ]
    if progress.again:
        figures = ["reading it once more, to name what is there twice"]
    if progress.problems:
        figures.append(counted(progress.problems, "line") + " with a problem")
    return [
        *lines,
        Content.assemble((bar, "$accent"), f" {percent(progress.bytes, progress.of):>5}"),
        Content(" · ".join(figures)).truncate(max(width, 1), ellipsis=True),
        Content(""),
        Content.styled("esc stops", QUIET),
    ]


def check_titles(checked: Checked, before: Sequence[Job]) -> Titles:
    """What stands in the frame: which file, and whether it can be sent."""
    bad = sum(each.count for each in checked.problems)
    if bad:
        verdict = Content.styled(f"✗ {counted(bad, 'problem')}: cannot be sent", "$error")
    elif before:
        verdict = Content.styled("! submitted already", LOUD)
    elif checked.warnings:
        verdict = Content.styled("! can be sent, with warnings", LOUD)
    else:
        verdict = Content.styled("✓ can be sent", "$success")
    return Titles(top=crop_middle(safe_line(checked.path.name), 50), top_right=verdict)


def check_lines(
    checked: Checked, before: Sequence[Job], prices: PriceTable, now: datetime, width: int
) -> Iterator[Content]:
    """All there is to say of a file, in lines of at most `width` cells.

    Args:
        checked: what was found in it.
        before: the jobs that were made of it already, newest first.
        prices: in force.
        now: the present, in the zone times are shown in.
        width: in cells.
    """
    rows = [
        *(_before(job, now) for job in before[:3]),
        *([Row(Content(""))] if before else []),
        *_groups(checked.problems, "✗", "$error"),
        *_groups(checked.warnings, "!", LOUD),
        *_facts(checked, prices, now),
    ]
    return wrap(rows, width)


def _before(job: Job, now: datetime) -> Row:
    """What is known of a job that was made of the same file."""
    when = day_and_time(job.created_at.astimezone(now.tzinfo), now)
    sent = f"{count(len(job.batch_ids))} of {counted(len(job.parts), 'batch', 'batches')} sent"
    return Row(
        Content.assemble(
            ("This file was submitted ", LOUD),
            f"{when} as ",
            (crop_middle(safe_line(job.name), 40), "bold"),
            f": {sent}{', then interrupted' if job.unsent else ''}.",
        )
    )


# What it holds


def _facts(checked: Checked, prices: PriceTable, now: datetime) -> Iterator[Row]:
    changed = duration(max(now.timestamp() - checked.mtime_ns / 1e9, 0))
    blank = f" · {counted(checked.blank_lines, 'blank line')}" if checked.blank_lines else ""
    yield _fact("file", home_path(checked.path))
    yield _fact(
        "requests",
        Content.assemble(
            (count(checked.requests), "bold"),
            f" · {size(checked.size)} · changed {changed} ago{blank}",
        ),
    )
    yield _fact("models", _models(checked.models))
    if set(checked.shapes) - {"native"}:
        written = ", ".join(f"{safe_line(name)} {count(n)}" for name, n in checked.shapes.items())
        yield _fact("written as", f"{written}; sent as the API takes them")
    if not checked.ok:
        return
    yield _fact("batches", _cut(checked.parts))
    yield Row(Content(""))
    yield from _estimate(checked, prices)


def _fact(word: str, said: str | Content) -> Row:
    content = Content(safe_line(said)) if isinstance(said, str) else said
    return Row(content, Content.styled(pad(word, _WORD) + "  ", QUIET), Content(" " * (_WORD + 2)))


def _models(models: Mapping[str, int]) -> str:
    shown = [f"{safe_line(name, 60)} {count(n)}" for name, n in list(models.items())[:_MOST_MODELS]]
    more = len(models) - len(shown)
    return ", ".join(shown) + (f" and {count(more)} more" if more > 0 else "") or "none named"


def _cut(parts: Sequence[Part]) -> Content:
    if len(parts) == 1:
        return Content.assemble(("1", "bold"), f" · {size(parts[0].size)} to be sent")
    largest = max(parts, key=lambda part: part.size)
    return Content.assemble(
        (count(len(parts)), "bold"),
        f", one job · {_shares([part.requests for part in parts])}",
        f" · at most {size(largest.size)} each",
    )


def _shares(shares: Sequence[int]) -> str:
    """How many requests each batch gets."""
    if len(set(shares)) == 1:
        return f"{counted(shares[0], 'request')} each"
    shown = [count(each) for each in shares]
    if len(shown) > 4:
        shown[3:-1] = ["…"]
    return f"{' + '.join(shown)} requests"


def _estimate(checked: Checked, prices: PriceTable) -> Iterator[Row]:
    estimate = checked.estimate
    cost = estimate.cost(prices)
    tokens = f"in about {short_count(estimate.low)}–{short_count(estimate.high)}"
    yield _fact(
        "tokens",
        Content.assemble(
            f"{tokens} · out at most {short_count(estimate.output)}",
            ("  estimated from bytes and max_tokens", QUIET),
        ),
    )
    unpriced = sum(cost.unpriced.values())
    if cost.high or not unpriced:
        yield _fact(
            "price",
            Content.assemble(
                (f"{money(cost.low)} – {money(cost.high)}", "bold"),
                (f"  estimated, at the batch prices of {safe_line(prices.date, 20)}:", QUIET),
                (" for the input alone – with the longest answers", QUIET),
            ),
        )
    if unpriced:
        names = ", ".join(safe_line(name, 40) for name in list(cost.unpriced)[:3])
        words = f"no price known for {counted(unpriced, 'request')} of {names}"
        yield _fact("" if cost.high else "price", Content.styled(words, LOUD))


# What ails it


def _groups(groups: Sequence[Group], sign: str, style: str) -> Iterator[Row]:
    figures = [count(each.count) for each in groups]
    wide = max((cell_width(each) for each in figures), default=0)
    hang = Content(" " * (wide + 3))
    for figure, group in zip(figures, groups, strict=True):
        first = Content.assemble((f"{sign} ", style), (pad(figure, wide, right=True) + " ", "bold"))
        yield Row(Content(safe_line(group.words)), first, hang)
        if group.first:
            where = " · ".join(map(_where, group.first))
            more = group.count - len(group.first)
            rest = f" · and {count(more)} more" if more > 0 else ""
            yield Row(Content.styled(where + rest, QUIET), hang, hang)
    if groups:
        yield Row(Content(""))


def _where(where: Where) -> str:
    named = f" ({crop_middle(safe_line(where.custom_id), 30)})" if where.custom_id else ""
    field = f" {safe_line(where.field, 60)}" if "*" in where.field else ""
    like = f" like line {count(where.like)}" if where.like else ""
    return f"line {count(where.line)}{named}{field}{like}"
