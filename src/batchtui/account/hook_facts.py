"""What a hook is told of what happened: in its environment, and as JSON on its standard input.

The environment is batchtui's own, and in it:

    BATCHTUI_EVENT       which hook it is: end, partial, expiring, vanishing
    BATCHTUI_WORDS       what happened, as one sentence
    BATCHTUI_ID          id of the batch, or of the job ("job:3")
    BATCHTUI_NAME        its label or name, else its id
    BATCHTUI_OUTCOME     running, canceling, succeeded, partial, failed, expired, canceled, empty
    BATCHTUI_REQUESTS    how many requests it has, of which in each state:
    BATCHTUI_PROCESSING, BATCHTUI_SUCCEEDED, BATCHTUI_ERRORED, BATCHTUI_CANCELED, BATCHTUI_EXPIRED
    BATCHTUI_RESULTS     none, available, here, gone
    BATCHTUI_ENDPOINT    base URL of the API
    BATCHTUI_WORKSPACE   id of the workspace; empty if the credential decides
    BATCHTUI_ACCOUNT     name of the account, as `--account` takes it
    BATCHTUI_CONFIG_DIR  the config directory

With the last two, batchtui itself called by a hook acts on the same account; that of the
environment gets ANTHROPIC_BASE_URL and ANTHROPIC_WORKSPACE_ID besides, which options may have said.

The JSON object:

    event, words, id, name, outcome, results   as above
    at                   when it was noticed
    kind                 "batch" or "job"
    account              name, endpoint, workspace
    request_counts       the five numbers as the API has them; of a job those of all its batches
    results_expire_at    when the API drops the first of the results
    note                 what the person wrote on it
    batches              its MessageBatch objects; of a lone batch that one
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from batchtui.account.opening import Opened
from batchtui.domain.happening import Event, Happening
from batchtui.domain.job_record import JobRecord, members_of
from batchtui.domain.text import safe_line, unicode_text
from batchtui.settings.accounts import UNNAMED


def environ_of(
    event: Event, happening: Happening, opened: Opened, environ: Mapping[str, str], now: datetime
) -> dict[str, str]:
    """The environment of a hook.

    Args:
        event: which hook it is.
        happening: what happened.
        opened: the account it happened in.
        environ: the environment of batchtui.
        now: the present.
    """
    record = happening.record
    counts = record.batch.request_counts
    states = {
        f"BATCHTUI_{name.upper()}": str(number)
        for name, number in msgspec.structs.asdict(counts).items()
    }
    found = {
        **environ,
        "BATCHTUI_ACCOUNT": opened.choice.name,
        "BATCHTUI_EVENT": event.value,
        "BATCHTUI_WORDS": happening.words,
        "BATCHTUI_ID": safe_line(record.id),
        "BATCHTUI_NAME": safe_line(record.name),
        "BATCHTUI_OUTCOME": record.batch.outcome.value,
        "BATCHTUI_REQUESTS": str(counts.total),
        **states,
        "BATCHTUI_RESULTS": record.results(now).value,
        "BATCHTUI_ENDPOINT": opened.identity.endpoint,
        "BATCHTUI_WORKSPACE": opened.identity.workspace,
        "BATCHTUI_CONFIG_DIR": str(opened.directory.absolute()),
    }
    if opened.choice.name == UNNAMED:
        found["ANTHROPIC_BASE_URL"] = opened.identity.endpoint
        if opened.identity.workspace:
            found["ANTHROPIC_WORKSPACE_ID"] = opened.identity.workspace
    return found


def body_of(event: Event, happening: Happening, opened: Opened, now: datetime) -> bytes:
    """The JSON object for the standard input of a hook; see `environ_of` for the arguments."""
    record = happening.record
    facts = {
        "event": event.value,
        "words": happening.words,
        "at": now,
        "kind": "job" if isinstance(record, JobRecord) else "batch",
        "id": unicode_text(record.id),
        "name": unicode_text(record.name),
        "note": unicode_text(record.note),
        "account": {
            "name": opened.choice.name,
            "endpoint": opened.identity.endpoint,
            "workspace": opened.identity.workspace,
        },
        "outcome": record.batch.outcome,
        "request_counts": record.batch.request_counts,
        "results": record.results(now),
        "results_expire_at": record.results_expire_at,
        "batches": [each.batch for each in members_of(record)],
    }
    return msgspec.json.encode(facts) + b"\n"
