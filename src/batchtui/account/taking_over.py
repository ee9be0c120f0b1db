"""Goes on with a job with other credentials than it was begun with, as after a key was replaced."""

from __future__ import annotations

from batchtui.account.account import Account
from batchtui.account.locking import alone
from batchtui.account.starting import standing
from batchtui.domain.errors import NotFoundError, UsageError
from batchtui.domain.job import Job

_MOST_ASKED = 3
"""So many batches are asked for before it counts as settled that none is there."""


async def take_over(account: Account, digest: bytes, name: str = "") -> None:
    """Make the jobs that send a file, and were begun with other credentials, those of an account.

    Jobs of its own, and those of which nothing was sent, are left as they are.

    Args:
        account: which.
        digest: BLAKE2b (16 bytes) of all of the file.
        name: which job, if several may be meant.

    Raises:
        UsageError: if it cannot be seen that both credentials are of one workspace.
        ApiError: if the API could not be asked.
    """
    jobs = account.history.jobs
    if any(name in ("", job.name) for job in jobs.of_file(digest)):
        return
    for job in jobs.of_file_elsewhere(digest):
        if name in ("", job.name) and any(part.attempted_at for part in job.parts):
            with alone(account, job.key):
                await _require_same_workspace(account, job)
                account.job_changed(jobs.take_over(job.key))


async def _require_same_workspace(account: Account, job: Job) -> None:
    """What sees one batch of a job sees all of them."""
    words = f"With other credentials there is a {standing(job)}"
    if not job.batch_ids:
        raise UsageError(
            f"{words}, and it cannot be told whether these are of the same workspace",
            todo="Use those, or look whether there is a batch, and submit it with --again if not",
        )
    for batch_id in reversed(job.batch_ids[-_MOST_ASKED:]):
        try:
            await account.refresh(batch_id)
        except NotFoundError:
            continue  # it may have been deleted
        return
    raise UsageError(
        f"{words}, and with these its batches are not to be seen",
        todo="Use those, or submit it with --again",
    )
