"""The org's findings: how grave, whose, until when, how far; what is not settled comes first."""

from apps.evidence.pack.content import Finding as Exceptional
from apps.evidence.pack.content import Section, Table
from apps.evidence.sections.brief import Brief
from apps.evidence.sections.incident import words
from apps.evidence.sections.incident.rows import findings_of
from apps.evidence.sections.results import worst
from apps.posture.models import Finding

MOST_ROWS, MOST_EXCEPTIONS = 100, 60


def write(brief: Brief) -> Section:
    """One row a finding. None found is unknown: what looked, and whether, stands elsewhere."""
    say, found = brief.say, findings_of(brief)
    exceptions = tuple(_exception(brief, each) for each in found if words.open_result(each))
    settled = len(found) - len(exceptions)
    return Section(
        heading=say("incident_findings.heading"),
        summary=say(
            "incident_findings.summary",
            findings=say.counted(len(found), "finding"),
            settled=settled,
            overdue=sum(_is_overdue(brief, each) for each in found),
        ),
        result=worst((each.result for each in exceptions), nothing="good" if found else "unknown"),
        exceptions=exceptions[:MOST_EXCEPTIONS],
        tables=(_table(brief, found),),
    )


def _exception(brief: Brief, found: Finding) -> Exceptional:
    parts = [words.finding_state(brief, found), _whose(brief, found)]
    if found.reason:
        parts.append(found.reason)
    return Exceptional(
        what=words.finding_title(found),
        result=words.open_result(found) or "good",
        detail="; ".join(parts),
    )


def _whose(brief: Brief, found: Finding) -> str:
    owner = found.owner.name if found.owner else brief.say("incident_findings.nobody")
    key = "overdue" if _is_overdue(brief, found) else "owned"
    return brief.say(f"incident_findings.{key}", owner=owner, due=_due(brief, found))


def _due(brief: Brief, found: Finding) -> str:
    return found.due_on.isoformat() if found.due_on else brief.say("incident_findings.no_day")


def _is_overdue(brief: Brief, found: Finding) -> bool:
    waits = found.state in Finding.UNSETTLED
    return waits and found.due_on is not None and found.due_on < brief.at.date()


def _table(brief: Brief, found: list[Finding]) -> Table:
    say = brief.say
    caption = say("incident_findings.caption")
    if len(found) > MOST_ROWS:
        caption = f"{caption} {say('incident.cut', shown=MOST_ROWS, total=len(found))}"
    return Table(
        caption=caption,
        columns=brief.columns("incident_findings.columns"),
        rows=tuple(
            (
                words.finding_title(each),
                say.choice("level", each.level, each.get_level_display()),
                each.owner.name if each.owner else say("incident_findings.nobody"),
                _due(brief, each),
                words.finding_state(brief, each),
                each.first_seen_at.date().isoformat(),
                each.last_seen_at.date().isoformat(),
            )
            for each in found[:MOST_ROWS]
        ),
    )
