"""`batchtui history`: what is known of batches here; written to a file, pruned, made shorter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import click
import msgspec

from batchtui.account.opening import Kept
from batchtui.cli import diagnostics
from batchtui.cli.options import common_options, examples
from batchtui.cli.output import stdout
from batchtui.cli.quantities import Span
from batchtui.cli.selection import Selection, select
from batchtui.cli.start import start
from batchtui.domain.batch import Instant
from batchtui.domain.errors import StorageError
from batchtui.domain.text import count, counted, in_zone, safe_line, size


class _Overview(msgspec.Struct, frozen=True):
    """What the history holds of one account."""

    path: str
    bytes: int
    free_bytes: int
    batches: int
    running: int
    annotated: int
    gone: int
    jobs: int
    observations: int
    oldest: Instant | None
    newest: Instant | None


@click.group(
    "history",
    invoke_without_command=True,
    epilog=examples(
        "batchtui history",
        "batchtui history export --output history.jsonl",
        "batchtui history prune --older-than 180d --dry-run",
        "batchtui history vacuum",
    ),
)
@common_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def command(context: click.Context, as_json: bool) -> int | None:
    """Print what the history holds of this account, and how big its file is.

    The history is what is known of batches on this disk: the API's last word on each, and the
    labels, notes, pins and jobs of yours. Asks nothing of the network.
    """
    if context.invoked_subcommand is not None:
        return None
    kept = start(context).kept()
    with closing(kept.history):
        found = _overview(kept)
    if as_json:
        stdout().json([msgspec.json.encode(found)])
    else:
        stdout().text("\n".join(f"{name:<12}  {words}" for name, words in _lines(found)))
    return diagnostics.DONE


@command.command(
    "export",
    short_help="Write the history as JSON lines.",
    epilog=examples(
        "batchtui history export --output history.jsonl",
        "batchtui history export --since 30d | jq .batchtui.label",
        "batchtui import history.jsonl  # in another config directory",
    ),
)
@common_options
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE, not stdout."
)
@click.option("--force", is_flag=True, help="Replace FILE.")
@click.option("--since", type=Span(), metavar="TIME", help="Created no longer ago, as in 30d.")
@click.pass_context
def export(
    context: click.Context, output: Path | None, force: bool, since: timedelta | None
) -> int:
    """Write the history of this account as JSON, one object a line: batches first, then jobs.

    A batch is the API's object to the letter, with one field `batchtui` more, as `list --json`
    prints it. A job is an object with the one field `batchtui_job`.

    `batchtui import` takes it in again, in another config directory or on another machine: the
    batches, also those that the API no longer has, and your labels, notes, pins, links and jobs.
    What is not in it: results and request files themselves, how batches stood over time, what you
    were told of, and jobs of which something is not sent yet.
    """
    from batchtui.cli.history_export import write_history

    kept = start(context).kept()
    with closing(kept.history):
        return write_history(kept, output=output, force=force, since=since)


@command.command(
    "prune",
    short_help="Forget old batches that are gone.",
    epilog=examples(
        "batchtui history prune --dry-run",
        "batchtui history prune --older-than 1w --observations --yes",
        "batchtui history prune --older-than 365d --annotated",
    ),
)
@common_options
@click.option(
    "--older-than",
    type=Span(),
    default="90d",
    metavar="TIME",
    show_default=True,
    help="Only batches created longer ago.",
)
@click.option(
    "--annotated", is_flag=True, help="Also those with a label, a note or a pin, and whole jobs."
)
@click.option(
    "--observations", is_flag=True, help="Only how ended batches stood over time; they stay."
)
@click.option("--dry-run", is_flag=True, help="Only print what would be forgotten.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def prune(
    context: click.Context,
    older_than: timedelta,
    annotated: bool,
    observations: bool,
    dry_run: bool,
    yes: bool,
) -> int:
    """Forget old batches of which nothing is left but what the history knows.

    Never those that run, whose results are on this disk or on the server, nor (without
    --annotated) those you wrote something on or that belong to a job. Nothing is changed on the
    server; a batch that the API still lists comes back when the list is read that far down.

    `batchtui history vacuum` then makes the file shorter.
    """
    from batchtui.cli.history_prune import Wish, prune_history

    kept = start(context).kept()
    wish = Wish(older_than, annotated, observations, dry_run, yes)
    with closing(kept.history):
        return prune_history(kept, wish)


@command.command(
    "vacuum",
    short_help="Make the file of the history shorter.",
    epilog=examples("batchtui history vacuum"),
)
@common_options
@click.pass_context
def vacuum(context: click.Context) -> int:
    """Write the file of the history anew, without what holds nothing any more.

    For that the disk must have room for a second copy. Another batchtui may be open; it waits.
    """
    kept = start(context).kept()
    with closing(kept.history) as history:
        if not history.lasts:
            raise StorageError("There is no file of the history that could be made shorter")
        done = history.upkeep.vacuum()
    takes = "will take" if done.held else "takes"
    stdout().text(f"The history took {size(done.before)} and {takes} {size(done.after)}.")
    if done.held:
        diagnostics.say(
            "Another program is reading the old file: its room is given back when that is closed."
        )
    return diagnostics.DONE


def _overview(kept: Kept) -> _Overview:
    history = kept.history
    running = annotated = gone = 0
    dates = []
    for page in select(kept, Selection(None)):
        for record, _ in page:
            running += record.running
            annotated += bool(record.label or record.note or record.pinned)
            gone += not record.on_server
            dates.append(record.batch.created_at)
    room = history.upkeep.room()
    return _Overview(
        path=str(history.path or ""),
        bytes=room.taken,
        free_bytes=room.free,
        batches=history.count(),
        running=running,
        annotated=annotated,
        gone=gone,
        jobs=len(history.jobs.all()),
        observations=history.upkeep.observations(),
        oldest=min(dates, default=None),
        newest=max(dates, default=None),
    )


def _lines(found: _Overview) -> Iterator[tuple[str, str]]:
    yield "file", safe_line(found.path) or "none; this history is only in memory"
    free = f", of which {size(found.free_bytes)} hold nothing" if found.free_bytes else ""
    yield "size", f"{size(found.bytes)}{free}"
    yield "batches", count(found.batches)
    yield "running", count(found.running)
    yield "annotated", f"{count(found.annotated)} have a label, a note or a pin"
    yield "gone", f"{count(found.gone)} are no longer on the server"
    yield "jobs", count(found.jobs)
    yield "observed", counted(found.observations, "time")
    if found.oldest and found.newest:
        ends = (found.oldest, found.newest)
        yield "created", " to ".join(f"{in_zone(each, None):%Y-%m-%d}" for each in ends)
