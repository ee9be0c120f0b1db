"""Sending request files from the screens that show what became of them."""

from __future__ import annotations

from batchtui.domain.batch import Record
from batchtui.domain.job import Job
from batchtui.domain.job_record import JobRecord
from batchtui.domain.operation import Operation
from batchtui.ui.commands import Command
from batchtui.ui.presenters.offers import refusal
from batchtui.ui.screens.page import Page

SUBMITTING = (
    Command("new_batch", "n", "new", "Make a batch of a request file, or a job of several", 7),
    Command("go_on", "u", "go on", "Send what of the job is not sent yet", 3),
    Command("stop_sending", "X", "stop sending", "Stop sending jobs; each can be gone on with"),
)


class SubmittingPage(Page):
    """A page from which jobs are sent."""

    @property
    def current(self) -> Record | None:
        """The highlighted batch or job."""
        raise NotImplementedError

    def started(self, job: Job) -> None:
        """Show a job that is being sent from now on."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether there is anything to send, or to stop."""
        submissions = self.session.submissions
        if action == "go_on":
            job = self._interrupted
            return job is not None and job.key not in submissions
        return submissions.busy if action == "stop_sending" else True

    @property
    def _interrupted(self) -> Job | None:
        """The highlighted job, if anything of it is not sent."""
        record = self.current
        if record is not None and not isinstance(record, JobRecord):
            record = self.session.job_of(record.id)
        return record.job if record is not None and record.job.unsent else None

    def action_new_batch(self) -> None:
        """Make a batch of a request file."""
        # Not before: the first paint need not wait for it.
        from batchtui.ui.screens.new_batch import NewBatchScreen

        self.app.push_screen(NewBatchScreen(self.session, self.started))

    def action_go_on(self) -> None:
        """Send what of the highlighted job is not sent."""
        session = self.session
        refused = refusal(
            read_only=session.read_only,
            offline=session.account.offline,
            lacking=Operation.CREATE in session.lacks,
        )
        if refused:
            self.say(refused, severity="warning")
        elif job := self._interrupted:
            session.submissions.begin(job.key)

    def action_stop_sending(self) -> None:
        """Stop sending."""
        self.session.submissions.stop()
