"""Has the history of the demo know its world, as if a person had worked with it for weeks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import msgspec
from msgspec.structs import replace

from batchtui.account.account import Account
from batchtui.domain.batch import RequestCounts, Sighting, decode_batch
from batchtui.domain.job import Round
from batchtui.simulator.prompts import trial_lines
from batchtui.simulator.world import World
from batchtui.submissions.check import check
from batchtui.submissions.checked import Limits

_FILES = "files"
"""The directory in which the person of the demo keeps files; it is not one of batchtui's own."""
_WITH_REQUESTS = frozenset({"tickets-triage-it", "papers-with-figures", "reviews-october"})
"""Labels of the batches whose request files are there too."""
_TRIED = "smoke-test"
"""Label of the batch that tried the first few requests of a file which is still to be sent."""
_TRIAL_FILE = "survey-winter"
_BEFORE = timedelta(seconds=2)
"""How long before its first batch a round is written down."""


def remember(account: Account, world: World, directory: Path) -> None:
    """Have the history know a world whose batches have names.

    Args:
        account: whose history.
        world: the world.
        directory: the config directory, in which request files are put; without them, if that
            cannot be done, there are no jobs either.
    """
    files = directory.absolute() / _FILES
    labels = world.labels()
    sightings = [_sighting(world, batch_id) for batch_id in labels]
    account.history.observe(sightings, at=account.clock())
    for batch_id, label in labels.items():
        account.history.annotate(batch_id, label=label)
        path = None
        if label in _WITH_REQUESTS:
            path = _write(files, label, world.request_lines(batch_id))
        elif label == _TRIED:
            path = _write(files, _TRIAL_FILE, trial_lines())
        if path is not None:
            account.history.annotate(batch_id, request_file=str(path))
    for name, rounds in world.jobs().items():
        if account.history.jobs.named(name) is None:
            for number, batch_ids in enumerate(rounds):
                _remember_round(account, world, files, name, number, batch_ids)


def _write(directory: Path, name: str, lines: Iterable[bytes]) -> Path | None:
    """Write a file of requests; None if that cannot be done."""
    path = directory / f"{name}.jsonl"
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
        path.write_bytes(b"".join(lines))
    except OSError:
        return None
    return path


def _sighting(world: World, batch_id: str) -> Sighting:
    body = msgspec.json.encode(world.retrieve(batch_id))
    return Sighting(decode_batch(body), body)


def _remember_round(
    account: Account, world: World, files: Path, name: str, number: int, batch_ids: list[str]
) -> None:
    """Write down what a round of a job sent, and which batch each of its parts became."""
    jobs, job = account.history.jobs, account.history.jobs.named(name)
    lines = [line for batch_id in batch_ids for line in world.request_lines(batch_id)]
    place, file = (account.requests, f"{name}-retry-{number}") if number else (files, name)
    path = _write(place.absolute(), file, lines)
    if path is None or (number and job is None):
        return
    created = [_sighting(world, batch_id).batch.created_at for batch_id in batch_ids]
    checked = check(path, Limits(requests=len(lines) // len(batch_ids)))
    known = len(job.parts) if job else 0
    parts = [replace(part, number=part.number + known, round=number) for part in checked.parts]
    again = RequestCounts(errored=checked.requests) if number else RequestCounts()
    began = created[0] - _BEFORE
    round_ = Round(number, str(path), checked.size, checked.digest, checked.requests, began, again)
    if job is None:
        job = jobs.add(name, round_, parts, at=began)
    else:
        jobs.add_round(job.key, round_, parts)
    for part, batch_id, at in zip(parts, batch_ids, created, strict=True):
        jobs.begin(job.key, part.number, at=at)
        jobs.created(job.key, part.number, batch_id)
        account.history.annotate(batch_id, request_file=str(path))
