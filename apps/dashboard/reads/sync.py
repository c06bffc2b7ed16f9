"""What the sync jobs did last."""

from apps.common import powers
from apps.dashboard import cards
from apps.dashboard.cards import Card, Empty, Line, Need, Reader
from apps.sync import selectors as sync
from apps.sync.models import Run

TONES = {
    Run.State.QUEUED: "neutral",
    Run.State.RUNNING: "neutral",
    Run.State.DONE: "good",
    Run.State.PARKED: "attention",
    Run.State.REFUSED: "danger",
    Run.State.FAILED: "danger",
}
NO_JOB = "A job carries chosen fields of records to a model in one of your zones and back."


@cards.needs
def unfinished_runs(reader: Reader) -> list[Need]:
    """Jobs whose last run did not do its work, for those who can run them again."""
    if powers.RUN_SYNC not in reader.powers:
        return []
    return [
        Need(
            tone=TONES[Run.State(run.state)],
            kind="Sync",
            words=f"{run.job.name}: {str(Run.State(run.state).label).lower()}. {_why(run)}".strip(),
            url=_address(reader, run),
            since=run.finished_at,
        )
        for run in reader.once(_last_runs)
        if run.state in {Run.State.FAILED, Run.State.REFUSED, Run.State.PARKED}
    ]


@cards.card
def jobs(reader: Reader) -> Card | None:
    """Each job and how its last run went."""
    if powers.READ_SYNC not in reader.powers:
        return None
    last = {run.job_id: run for run in reader.once(_last_runs)}
    lines = tuple(_line(reader, job.name, last.get(job.pk)) for job in sync.list_jobs())
    url = reader.address("sync:jobs")
    empty = Empty(NO_JOB, reader.address("sync:create"), "Create a job")
    return Card("Sync jobs", lines, empty, url=url, more="All jobs")


def _why(run: Run) -> str:
    """What went wrong, or for a refusal the reason and the rule that gave it."""
    if run.state != Run.State.REFUSED or not run.reasons:
        return str(run.error)
    rules = f" (rule: {', '.join(run.rules)})" if run.rules else ""
    return f"{run.reasons[0]}{rules}"


def _line(reader: Reader, job: str, run: Run | None) -> Line:
    if run is None:
        return Line(job, "neutral", "never run")
    state = Run.State(run.state)
    return Line(job, TONES[state], str(state.label), url=_address(reader, run))


def _last_runs() -> list[Run]:
    """The newest run of each job."""
    rows = sync.list_runs().select_related("job")
    return list(rows.order_by("job_id", "-queued_at").distinct("job_id"))


def _address(reader: Reader, run: Run) -> str:
    return reader.address("sync:run", run.pk) or reader.address("sync:jobs")
