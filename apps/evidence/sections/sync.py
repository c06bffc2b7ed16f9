"""What was carried to models, where, under which rule; and what was refused."""

from apps.evidence.pack.content import Checked, Finding, Result, Section, Table
from apps.evidence.sections.results import worst
from apps.evidence.sections.window import Window, day_and_time
from apps.evidence.sections.words import counted
from apps.sync.models import Run

MOST_ROWS = 200
RESULTS: dict[str, Result] = {
    Run.State.DONE: "good",
    Run.State.REFUSED: "good",  # a refusal is the rule at work
    Run.State.PARKED: "attention",
    Run.State.FAILED: "attention",
    Run.State.QUEUED: "unknown",
    Run.State.RUNNING: "unknown",
}


def write(window: Window) -> Section:
    """One row a run, with the rules that decided it."""
    runs = list(
        Run.objects.filter(queued_at__gte=window.start, queued_at__lt=window.end)
        .select_related("job__connection__zone", "job__endpoint__zone")
        .order_by("queued_at")[:MOST_ROWS]
    )
    checked = tuple(_checked(run) for run in runs if run.rules)
    exceptions = tuple(_finding(run) for run in runs if RESULTS[run.state] != "good")
    refused = sum(run.state == Run.State.REFUSED for run in runs)
    records = sum(run.written for run in runs)
    return Section(
        heading="Data sent to models",
        summary=(
            f"{counted(len(runs), 'run')}; {counted(records, 'record')} summarised and written "
            f"back. Refused by a rule before anything left the org: {counted(refused, 'run')}."
        ),
        result=worst(
            [*(c.result for c in checked), *(f.result for f in exceptions)], nothing="good"
        ),
        exceptions=exceptions,
        checked=checked,
        tables=(_table(runs),),
    )


def _checked(run: Run) -> Checked:
    return Checked(
        what=f"{run.job.name}: may these fields go to {run.job.endpoint.name}?",
        by="residency decision point",
        result="good",
        note=f"{run.effect or 'no verdict'}; rules {', '.join(run.rules)}; "
        f"policy {run.policy_hash[:12]}"[:400],
    )


def _finding(run: Run) -> Finding:
    return Finding(
        what=f"{run.job.name} at {day_and_time(run.queued_at)}: {run.get_state_display()}",
        result=RESULTS[run.state],
        detail=run.error,
    )


def _table(runs: list[Run]) -> Table:
    return Table(
        caption="Runs",
        columns=("Job", "From", "To", "Fields", "State", "Rules", "Records", "Started"),
        rows=tuple(
            (
                run.job.name,
                f"{run.job.connection.name} ({run.job.connection.zone.name})",
                f"{run.job.endpoint.name} ({run.job.endpoint.zone.name})",
                ", ".join(run.job.source_fields),
                run.get_state_display(),
                ", ".join(run.rules) or "none",
                f"{run.written:,}",
                day_and_time(run.queued_at),
            )
            for run in runs
        ),
    )
