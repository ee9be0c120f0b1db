"""What the frame of the batch list says, and what stands in it when there is nothing to list."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from batchtui.account.events import Paging, Phase, Pulse
from batchtui.domain.text import count, crop, safe_line
from batchtui.domain.view import View
from batchtui.ui.widgets.canvas import Titles


def list_titles(
    view: View,
    typed: str,
    paging: Paging,
    *,
    tabs: Content | None,
    known: int,
    rows: int,
    shown: int,
    marked: int,
    doing: str,
) -> Titles:
    """The four titles of the list's frame.

    Args:
        view: filter and order in force.
        paging: how far the API's list has been read.
        typed: the filter as typed.
        tabs: the tabs; None if there is nothing to choose from.
        known: how many batches are known.
        rows: how many of them there are to list, those of a job being one.
        shown: how many of those the filter lets through.
        marked: how many are marked.
        doing: what goes on in the background, such as a download; "" for nothing.
    """
    if paging.more is None:
        loaded = f"{count(known)} known"
    elif paging.more:
        loaded = f"{count(known)} loaded, {_below(paging)}"
    else:
        loaded = f"all {count(known)}"
    if typed:
        below = f", {_below(paging)}" if paging.more else ""
        words = f"{count(shown)} of {count(rows)}{below} · / {crop(safe_line(typed), 40)}"
    else:
        words = f"{loaded} · / no filter"
    marks = f"{count(marked)} marked" if marked else ""
    return Titles(
        top=tabs or "Batches",
        top_right=Content.styled(view.title, "$text-muted"),
        bottom=Content(" · ".join(part for part in (marks, doing) if part)),
        bottom_right=Content.styled(words, "bold $warning" if typed else "$text-muted"),
    )


def _below(paging: Paging) -> str:
    return "loading more" if paging.loading else "more below"


def nothing_to_show(
    pulse: Pulse,
    paging: Paging,
    *,
    known: int,
    lists: bool,
    typed: str = "",
    tab: str = "",
    unheard_of: Sequence[str] = (),
) -> Content:
    """Why the list is empty, and what to do about it.

    Args:
        pulse: how the account stands.
        paging: how far the API's list has been read.
        known: how many rows there are to filter.
        lists: whether the server can list batches, as far as known.
        typed: the filter as typed.
        tab: the name of the tab, safe to show; "" for that of everything.
        unheard_of: words of the filter that ask for a state there is not.
    """
    muted = "$text-muted"
    if known:
        words = "No batch matches the filter."
        if tab and not typed:
            words = f"Nothing belongs under “{tab}” now."
        if unheard_of:
            words = f"There is no state {safe_line(unheard_of[0], 24)} to filter by; help has them."
        more = "Older batches are being read…" if paging.more else "Press esc to show all of them."
        return Content.assemble((f"{words}\n\n", "bold"), (more, muted))
    if pulse.reason:
        return Content.assemble(
            ("Nothing is known yet.\n\n", "bold"),
            ("Batches appear here as soon as the API can be read.", muted),
        )
    if pulse.phase is Phase.OFFLINE:
        return Content.assemble(
            ("Nothing is known of this account.\n\n", "bold"),
            ("batchtui is offline; start it once without --offline.", muted),
        )
    if pulse.updated_at is None:
        return Content.assemble(("Connecting…", muted))
    if not lists:
        return Content.assemble(
            ("Nothing is known of this account.\n\n", "bold"),
            ("This server cannot list batches. n makes one that is known then;\n", muted),
            ("`batchtui import` takes in those whose ids you have.", muted),
        )
    return Content.assemble(
        ("This workspace has no message batches yet.\n\n", "bold"),
        ("Batches made with the API appear here by themselves;\n", muted),
        ("n makes one of a file of requests.", muted),
    )
