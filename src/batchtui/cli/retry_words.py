"""What a retry has to say to a person, as sentences and lines that are safe to show."""

from __future__ import annotations

from collections.abc import Iterator

from batchtui.account.alike import groups
from batchtui.account.answers import Answers
from batchtui.account.merging import Merged, standing_words
from batchtui.account.retrying import RetryPlan, Wanted
from batchtui.cli.choosing import ERROR_TYPES, STOP_REASONS
from batchtui.domain.errors import UsageError
from batchtui.domain.pricing import PriceTable
from batchtui.domain.result import stopped_short
from batchtui.domain.text import count, counted, money, safe_line, size
from batchtui.submissions.checked import Checked

_MOST_NAMED = 20


def check_names(answers: Answers, wanted: Wanted) -> None:
    """Refuse names that are neither the API's nor in the results: they are mistyped.

    Raises:
        UsageError: if there is one.
    """
    there = answers.file.index.names.words
    asked = {
        "--stop-reason": (wanted.stop_reasons, STOP_REASONS),
        "--error-type": (wanted.error_types, ERROR_TYPES),
    }
    for option, (names, known) in asked.items():
        for name in sorted(names.difference(known, there)):
            raise UsageError(
                f'There is no {option} "{safe_line(name, 60)}", only {", ".join(known)}'
            )


def of_plan(answers: Answers, plan: RetryPlan) -> Iterator[str]:
    """How it stands, what is to be sent again, and what is not."""
    yield from answers.standing
    yield from answers.unready
    yield from plan.words
    for each in plan.apart[:_MOST_NAMED]:
        yield f"  {each.words}"
    yield from _short(answers, plan.wanted)
    chosen = {each for ids in plan.rounds.values() for each in ids}
    for custom_id in sorted(plan.wanted.custom_ids - chosen):
        yield f'There is no custom_id "{safe_line(custom_id, 64)}" to be sent again.'


def _short(answers: Answers, wanted: Wanted) -> Iterator[str]:
    """What stopped short, unless a person has said what is wanted."""
    if wanted.stop_reasons or wanted.error_types or wanted.custom_ids:
        return
    short = [
        f"{count(len(each.numbers))} {each.why}"
        for each in groups(answers.file.index, answers.span)
        if stopped_short(each.stop_reason) and not wanted.fits(each)
    ]
    if short:
        yield (
            f"Left as they are, though they stopped short: {', '.join(short)}."
            " --stop-reason asks for such answers anew."
        )


def of_file(checked: Checked, prices: PriceTable) -> Iterator[str]:
    """What is in the file of what is sent again: what it becomes, may cost, and what is wrong."""
    batches = counted(len(checked.parts), "batch", "batches")
    requests = counted(checked.requests, "request")
    yield f"{requests}, {size(checked.size)}, in {batches}; {_price(checked, prices)}."
    for group in checked.problems:
        first = ", ".join(safe_line(each.custom_id, 64) for each in group.first[:3])
        more = ", …" if group.count > 3 else ""
        yield f"  {counted(group.count, 'request')}: {group.words} ({first}{more})"


def of_end(merged: Merged) -> Iterator[str]:
    """How a job stands when its batches have ended."""
    words = standing_words(merged)
    for each in words or [f"All {counted(merged.requests, 'request')} have a good answer"]:
        yield f"{each}."


def _price(checked: Checked, prices: PriceTable) -> str:
    cost = checked.estimate.cost(prices)
    unpriced = sum(cost.unpriced.values())
    if unpriced >= checked.requests:
        return "price not known"
    price = f"{money(cost.low)} to {money(cost.high)} by estimate"
    if not unpriced:
        return price
    return f"{price}, without {counted(unpriced, 'request')} whose price is not known"
