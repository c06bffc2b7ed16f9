"""Jobs and runs as pages show them: states with tone, verdicts in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.crm.models import Connection
from apps.llm.models import Endpoint
from apps.residency.decide import Verdict
from apps.sync import flows, selectors
from apps.sync.models import Job, Run

TONES: dict[str, str] = {
    Run.State.QUEUED: "neutral",
    Run.State.RUNNING: "neutral",
    Run.State.DONE: "good",
    Run.State.PARKED: "attention",
    Run.State.REFUSED: "danger",
    Run.State.FAILED: "danger",
}
VERDICTS = {
    "allow": ("good", "Would run", "No field needs masking for this endpoint."),
    "mask": ("attention", "Would run, masked", "Some fields are masked before they leave."),
    "deny": ("danger", "Would be refused", "Nothing would leave the org."),
}
FORMER = "a former member"


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job with its newest run."""

    job: Job
    run: Run | None
    tone: str


@dataclass(frozen=True, slots=True)
class VerdictShown:
    """A verdict with the words and tone that a page gives it."""

    verdict: Verdict
    tone: str
    title: str
    words: str


def job_lines() -> list[JobLine]:
    """Jobs by name, each with its newest run."""
    newest: dict[object, Run] = {}
    for run in Run.objects.order_by("job_id", "-queued_at").distinct("job_id"):
        newest[run.job_id] = run
    return [_line(job, newest.get(job.pk)) for job in selectors.list_jobs()]


def verdict_for(
    connection: Connection, endpoint: Endpoint, fields: list[str], purpose: str
) -> VerdictShown:
    """What the policy in force says about such a job, now."""
    verdict = flows.verdict_on(
        connection=connection,
        endpoint=endpoint,
        object_name="Case",
        fields=fields,
        purpose=purpose,
    )
    return VerdictShown(verdict, *VERDICTS[verdict.effect])


def verdict_of(job: Job) -> VerdictShown:
    """What the policy in force says about the job, now."""
    return verdict_for(job.connection, job.endpoint, list(job.source_fields), job.purpose)


def with_starters(runs: Sequence[Run]) -> list[tuple[Run, str]]:
    """Each run with the name of who started it, or words for somebody who left."""
    names = selectors.names_of_starters(runs)
    return [(run, names.get(run.started_by_id, FORMER)) for run in runs]


def _line(job: Job, run: Run | None) -> JobLine:
    return JobLine(job, run, TONES[run.state] if run else "unknown")
