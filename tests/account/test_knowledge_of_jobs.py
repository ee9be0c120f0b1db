"""What an account tells of jobs, and what a person adds to them."""

from __future__ import annotations

import pytest

from batchtui.account.events import Changed, JobsChanged
from batchtui.domain.errors import UsageError
from batchtui.simulator.clock import FixedClock
from tests.account.conftest import OpenAccount
from tests.conftest import StartSimulator
from tests.jobs import make_job


async def test_batches_that_are_called_after_a_job_follow_its_name(
    simulator: StartSimulator, open_account: OpenAccount, fixed_clock: FixedClock
) -> None:
    bench = open_account(simulator("demo", clock=fixed_clock), fixed_clock)
    account = bench.account
    page = await account.api.list(limit=3)
    account.observe(page.sightings)
    first, second, third = (each.batch.id for each in page.sightings)
    now = fixed_clock()
    job = make_job(account.history, "tickets", [first, second], retries=[third], at=now)
    account.annotate(second, label="the odd one")
    bench.events.clear()

    renamed = account.annotate_job(job.key, name="letters")
    assert renamed.name == "letters"
    labels = [account.known(each).label for each in (first, second, third)]
    assert labels == ["letters 1/2", "the odd one", "letters retry 1"]
    changes = [
        each for event in bench.events if isinstance(event, Changed) for each in event.changes
    ]
    assert {each.record.id for each in changes} == {first, third}
    assert bench.events[-1] == JobsChanged((renamed,))
    assert account.jobs() == [renamed]

    noted = account.annotate_job(job.key, note="v14", pinned=True)
    assert (noted.name, noted.note, noted.pinned) == ("letters", "v14", True)
    with pytest.raises(UsageError, match="No name"):
        account.annotate_job(job.key, name="")
