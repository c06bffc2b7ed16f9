"""What was carried to models, where, under which rule; and what was refused."""

from apps.evidence.pack.content import Bar, Chart, Checked, Finding, Result, Section, Table
from apps.evidence.sections.brief import Brief
from apps.evidence.sections.results import worst
from apps.residency.models import Effect
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


def write(brief: Brief) -> Section:
    """One row a run, with the rules that decided it."""
    say = brief.say
    runs = list(
        Run.objects.filter(queued_at__gte=brief.window.start, queued_at__lt=brief.window.end)
        .select_related("job__connection__zone", "job__endpoint__zone")
        .order_by("queued_at")[:MOST_ROWS]
    )
    checked = tuple(_checked(brief, run) for run in runs if run.rules)
    exceptions = tuple(_finding(brief, run) for run in runs if RESULTS[run.state] != "good")
    refused = sum(run.state == Run.State.REFUSED for run in runs)
    return Section(
        heading=say("sync.heading"),
        summary=say(
            "sync.summary",
            runs=say.counted(len(runs), "run"),
            records=say.counted(sum(run.written for run in runs), "record"),
            refused=say.counted(refused, "run"),
        ),
        result=worst(
            [*(c.result for c in checked), *(f.result for f in exceptions)], nothing="good"
        ),
        exceptions=exceptions,
        checked=checked,
        charts=(_chart(brief, runs),) if runs else (),
        tables=(_table(brief, runs),),
    )


def _state(brief: Brief, run: Run) -> str:
    return brief.say.choice("run", run.state, run.get_state_display())


def _chart(brief: Brief, runs: list[Run]) -> Chart:
    counted = [(state, sum(run.state == state for run in runs)) for state in Run.State]
    return Chart(
        caption=brief.say("sync.chart"),
        bars=tuple(
            Bar(
                label=brief.say.choice("run", state.value, str(state.label)),
                value=count,
                result=RESULTS[state],
            )
            for state, count in counted
            if count
        ),
    )


def _checked(brief: Brief, run: Run) -> Checked:
    say = brief.say
    known = Effect(run.effect).label if run.effect in Effect.values else run.effect
    effect = say.choice("effect", run.effect, str(known)) or say("sync.no_verdict")
    note = say("sync.note", effect=effect, rules=", ".join(run.rules), policy=run.policy_hash[:12])
    return Checked(
        what=say("sync.check", job=run.job.name, endpoint=run.job.endpoint.name),
        by=say("by.decision"),
        result="good",
        note=note[:400],
    )


def _finding(brief: Brief, run: Run) -> Finding:
    return Finding(
        what=brief.say(
            "sync.finding",
            job=run.job.name,
            at=brief.moment(run.queued_at),
            state=_state(brief, run),
        ),
        result=RESULTS[run.state],
        detail=run.error,
    )


def _table(brief: Brief, runs: list[Run]) -> Table:
    say = brief.say
    return Table(
        caption=say("sync.caption"),
        columns=brief.columns("sync.columns"),
        rows=tuple(
            (
                run.job.name,
                f"{run.job.connection.name} ({run.job.connection.zone.name})",
                f"{run.job.endpoint.name} ({run.job.endpoint.zone.name})",
                ", ".join(run.job.source_fields),
                _state(brief, run),
                ", ".join(run.rules) or say("common.none"),
                say.number(run.written),
                brief.moment(run.queued_at),
            )
            for run in runs
        ),
    )
