"""Processing as it really flowed: GDPR Art. 30(1)(b) to (e), from runs and the published policy."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from apps.evidence.pack.content import Bar, Chart, Checked, Finding, Result, Section, Table
from apps.evidence.sections.brief import Brief
from apps.evidence.sections.results import worst
from apps.residency.compiled import CompiledPolicy
from apps.residency.models import DataClass, Purpose
from apps.residency.selectors import compiled_policy
from apps.sync.models import Job, Run

MOST_ROWS = 400


@dataclass(slots=True)
class Activity:
    """One job and what its runs in the period came to."""

    job: Job
    runs: int = 0
    refused: int = 0
    records: int = 0
    rules: set[str] = field(default_factory=set)

    @property
    def flowed(self) -> bool:
        """Whether any run of it was let through."""
        return self.runs > self.refused

    @property
    def beyond(self) -> tuple[str, ...]:
        """Jurisdictions of the recipient that the org's zone does not have."""
        home = set(self.job.connection.zone.jurisdictions)
        return tuple(sorted(set(self.job.endpoint.zone.jurisdictions) - home))


def activities(brief: Brief) -> list[Activity]:
    """Every job with a run in the period, in the order of names."""
    runs = Run.objects.filter(
        queued_at__gte=brief.window.start, queued_at__lt=brief.window.end
    ).select_related("job__connection__zone", "job__endpoint__zone")
    found: dict[str, Activity] = {}
    for run in runs.order_by("job__name", "queued_at").iterator(chunk_size=2000):
        each = found.setdefault(str(run.job_id), Activity(run.job))
        each.runs += 1
        each.refused += run.state == Run.State.REFUSED
        each.records += run.written
        each.rules.update(run.rules)
    return list(found.values())


def write(brief: Brief) -> Section:
    """Purposes, categories of data and recipients; whom the data describe is unknown."""
    say = brief.say
    found, policy = activities(brief), compiled_policy()
    exceptions = tuple(f for each in found for f in _unclassified(brief, each, policy))
    checked = tuple(_checked(brief, each, policy) for each in found)
    return Section(
        heading=say("article30.heading"),
        summary=say("article30.summary", activities=say.counted(len(found), "activity")),
        result=worst([*(c.result for c in checked), *(f.result for f in exceptions)]),
        exceptions=exceptions,
        checked=checked,
        charts=(_chart(brief, found),) if found else (),
        tables=(
            Table(
                caption=say("article30.activities"),
                columns=brief.columns("article30.columns"),
                rows=tuple(_row(brief, each, policy) for each in found[:MOST_ROWS]),
            ),
        ),
    )


def _row(brief: Brief, each: Activity, policy: CompiledPolicy | None) -> tuple[str, ...]:
    job = each.job
    return (
        purpose_words(brief, job.purpose),
        job.connection.name,
        _data_words(brief, job, policy),
        brief.say("article30.subjects_unknown"),
        job.endpoint.name,
        brief.say.number(each.runs),
        brief.say.number(each.records),
    )


def purpose_words(brief: Brief, purpose: str) -> str:
    """A flow's purpose in the pack's language."""
    known = Purpose(purpose).label if purpose in Purpose.values else purpose
    return brief.say.choice("flow_purpose", purpose, str(known))


def _classes(job: Job, policy: CompiledPolicy | None) -> dict[str, list[str]]:
    """The job's fields by published class; "" for those that nobody classified."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in job.source_fields:
        known = policy.classes.get((job.object_name, name), "") if policy else ""
        found[known].append(f"{job.object_name}.{name}")
    return found


def _data_words(brief: Brief, job: Job, policy: CompiledPolicy | None) -> str:
    parts = []
    for data_class, names in sorted(_classes(job, policy).items()):
        listed = ", ".join(names)
        if not data_class:
            parts.append(brief.say("article30.unclassified", fields=listed))
        else:
            label = str(DataClass(data_class).label)
            parts.append(f"{listed} ({brief.say.choice('data_class', data_class, label)})")
    return "; ".join(parts)


def _unclassified(
    brief: Brief, each: Activity, policy: CompiledPolicy | None
) -> tuple[Finding, ...]:
    names = _classes(each.job, policy).get("")
    if not names:
        return ()
    what = brief.say("article30.finding", job=each.job.name)
    detail = brief.say("article30.finding_detail", fields=", ".join(names))
    return (Finding(what=what, result="attention", detail=detail),)


def _checked(brief: Brief, each: Activity, policy: CompiledPolicy | None) -> Checked:
    decided: Result = "good" if each.rules else "unknown"
    result: Result = "attention" if "" in _classes(each.job, policy) else "good"
    return Checked(
        what=brief.say("article30.check", job=each.job.name),
        by=brief.say("by.decision"),
        result=worst([decided, result]),
        note=brief.say(
            "article30.check_note",
            allowed=each.runs - each.refused,
            runs=each.runs,
            rules=", ".join(sorted(each.rules)) or brief.say("common.none"),
        ),
    )


def _chart(brief: Brief, found: list[Activity]) -> Chart:
    counts: dict[str, int] = defaultdict(int)
    for each in found:
        counts[purpose_words(brief, each.job.purpose)] += each.records
    bars = tuple(Bar(label=label, value=count) for label, count in sorted(counts.items()))
    return Chart(caption=brief.say("article30.chart"), bars=bars)


def write_transfers(brief: Brief) -> Section:
    """Where data went; a place beyond the org's own jurisdictions is named as a transfer."""
    say, found = brief.say, activities(brief)
    flowed = [each for each in found if each.flowed]
    exceptions = tuple(_transfer(brief, each) for each in flowed if each.beyond)
    recipients = sorted({each.job.endpoint.name for each in flowed})
    zones = sorted({each.job.endpoint.zone.name for each in flowed})
    none = say("common.none")
    decided: Result = "good" if all(each.rules for each in flowed) else "unknown"
    return Section(
        heading=say("transfers.heading"),
        summary=say(
            "transfers.summary",
            recipients=", ".join(recipients) or none,
            zones=", ".join(zones) or none,
        ),
        result=worst([decided, *(found.result for found in exceptions)]),
        exceptions=exceptions,
        checked=(Checked(what=say("transfers.check"), by=say("by.decision"), result=decided),),
        tables=(_places(brief, found),),
    )


def _transfer(brief: Brief, each: Activity) -> Finding:
    what = brief.say(
        "transfers.finding", places=", ".join(each.beyond), org=each.job.connection.name
    )
    detail = brief.say("transfers.detail", rules=", ".join(sorted(each.rules)))
    return Finding(what=what, result="attention", detail=detail)


def _places(brief: Brief, found: Iterable[Activity]) -> Table:
    say = brief.say
    return Table(
        caption=say("transfers.caption"),
        columns=brief.columns("transfers.columns"),
        rows=tuple(
            (
                each.job.connection.name,
                each.job.endpoint.name,
                ", ".join(each.job.endpoint.zone.jurisdictions),
                _transfer_words(brief, each),
                say.number(each.runs),
            )
            for each in list(found)[:MOST_ROWS]
        ),
    )


def _transfer_words(brief: Brief, each: Activity) -> str:
    if not each.flowed:
        return brief.say("transfers.refused")
    if each.beyond:
        return brief.say("transfers.yes", places=", ".join(each.beyond))
    return brief.say("transfers.no")
