"""What the frame of the batch list says, and what stands in it when there is nothing to list."""

from __future__ import annotations

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
        known: how many batches are known.
        rows: how many of them there are to list, those of a job being one.
        shown: how many of those the filter lets through.
        marked: how many are marked.
        doing: what goes on in the background, such as a download; "" for nothing.
    """
    if paging.more is None:
        loaded = f"{count(known)} known"
    elif paging.more:
        below = "loading more" if paging.loading else "more below"
        loaded = f"{count(known)} loaded, {below}"
    else:
        loaded = f"all {count(known)}"
    if typed:
        filtered = f"{count(shown)} of {count(rows)} · / {crop(safe_line(typed), 40)}"
    else:
        filtered = "/ no filter"
    marks = f"{count(marked)} marked" if marked else ""
    return Titles(
        top="Batches",
        top_right=Content.styled(f"{view.title} · {loaded}", "$text-muted"),
        bottom=Content(" · ".join(part for part in (marks, doing) if part)),
        bottom_right=Content.styled(filtered, "bold $warning" if typed else "$text-muted"),
    )


def nothing_to_show(pulse: Pulse, paging: Paging, *, known: int) -> Content:
    """Why the list is empty, and what to do about it."""
    muted = "$text-muted"
    if known:
        words = "No batch matches the filter."
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
    return Content.assemble(
        ("This workspace has no message batches yet.\n\n", "bold"),
        ("Batches made with the API appear here by themselves;\n", muted),
        ("n makes one of a file of requests.", muted),
    )
