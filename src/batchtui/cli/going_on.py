"""How to go on with a job that was not sent to its end."""

from __future__ import annotations

import shlex

from batchtui.domain.job import Job
from batchtui.domain.text import safe_line


def going_on(job: Job) -> str:
    """The command that sends the rest; safe to show."""
    if any(part.round for part in job.unsent):
        return f"batchtui retry {job.id} --resume"
    # By its name, too, as another job may have sent the same file.
    words = ["batchtui", "submit", job.rounds[0].request_file, "--resume", "--name", job.name]
    return safe_line(shlex.join(words))
