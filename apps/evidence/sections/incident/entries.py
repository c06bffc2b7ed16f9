"""The lines of an incident's timeline: each with its time, its words, and how it stands."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from apps.breakglass.models import Request
from apps.breakglass.states import TERMINAL
from apps.changes.models import Proposal
from apps.changes.states import OPEN as OPEN_CHANGES
from apps.crm.diagnosis.causes import cause_named
from apps.crm.models import Trouble
from apps.evidence.pack.content import Result
from apps.evidence.sections.brief import Brief
from apps.evidence.sections.incident import rows, words
from apps.evidence.sections.ledger import act_words
from apps.ledger.models import Event
from apps.ledger.selectors import data_of
from apps.posture.models import Finding, Revocation

KINDS = ("lockout", "anomaly", "finding", "emergency", "change", "revocation", "alarm")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `result` says how bad it is that it is still open; None for what is over.

    `elsewhere` says that another part of the pack tells what is open about it.
    """

    at: datetime
    kind: str
    what: str
    state: str
    result: Result | None
    elsewhere: bool = False


def entries_of(brief: Brief) -> list[Entry]:
    """Every line, oldest first."""
    found = rows.findings_of(brief)
    noticed = rows.noticed_in(brief)
    lines = (
        *_lockouts(brief, rows.troubles_of(brief)),
        *_anomalies(brief, noticed, found),
        *_findings(brief, found, noticed),
        *(_emergency(brief, each) for each in rows.emergencies_of(brief)),
        *(_change(brief, each) for each in rows.changes_in(brief)),
        *(_revocation(brief, each) for each in rows.revocations_of(brief)),
        *_alarms(brief),
    )
    return sorted(lines, key=lambda line: (line.at, KINDS.index(line.kind), line.what))


def _lockouts(brief: Brief, troubles: list[Trouble]) -> Iterator[Entry]:
    """Those that pass by themselves are told once each cause, however often they came."""
    for trouble in troubles:
        if not cause_named(trouble.cause).passes:
            yield Entry(
                trouble.first_at,
                "lockout",
                words.trouble_words(brief, trouble),
                words.trouble_state(brief, trouble),
                "attention" if trouble.ended_at is None else None,
            )
    passing = sorted(
        (each for each in troubles if cause_named(each.cause).passes), key=lambda t: t.cause
    )
    for _, group in groupby(passing, key=lambda t: t.cause):
        yield _passing(brief, list(group))


def _passing(brief: Brief, troubles: list[Trouble]) -> Entry:
    times, last = sum(each.times for each in troubles), max(each.last_at for each in troubles)
    what = words.cause_words(brief, troubles[0])
    return Entry(
        troubles[0].first_at,
        "lockout",
        brief.say("incident.passing", what=what, times=times, last=brief.moment(last)),
        brief.say("incident.passes"),
        None,
    )


def _anomalies(brief: Brief, noticed: list[Event], found: Iterable[Finding]) -> Iterator[Entry]:
    known = {each.subject: each for each in found if each.source == Finding.Source.ANOMALY}
    for event in noticed:
        data = data_of(event)
        finding = known.get(words.anomaly_subject(data))
        yield Entry(
            event.at,
            "anomaly",
            words.anomaly_words(brief, data),
            words.finding_state(brief, finding) if finding else brief.say("incident.no_finding"),
            words.open_result(finding) if finding else "unknown",
            elsewhere=finding is not None,
        )


def _findings(brief: Brief, found: list[Finding], noticed: list[Event]) -> Iterator[Entry]:
    """Without those that stand in the timeline as anomalies already."""
    told = {words.anomaly_subject(data_of(event)) for event in noticed}
    for each in found:
        if each.source != Finding.Source.ANOMALY or each.subject not in told:
            state = words.finding_state(brief, each)
            title = words.finding_title(each)
            yield Entry(
                each.first_seen_at, "finding", title, state, words.open_result(each), elsewhere=True
            )


def _emergency(brief: Brief, asked: Request) -> Entry:
    what = brief.say("incident.emergency", case=asked.case_reference, who=asked.requester.name)
    state = brief.say.choice("request", asked.state, asked.get_state_display())
    at = asked.activated_at or asked.submitted_at or asked.created_at
    is_over = asked.state in TERMINAL
    return Entry(at, "emergency", what, state, None if is_over else "attention", elsewhere=True)


def _change(brief: Brief, proposal: Proposal) -> Entry:
    return Entry(
        proposal.applied_at or proposal.proposed_at,
        "change",
        words.change_words(brief, proposal),
        words.change_state(brief, proposal),
        "unknown" if proposal.state in OPEN_CHANGES else None,
        elsewhere=True,
    )


def _revocation(brief: Brief, revocation: Revocation) -> Entry:
    return Entry(
        revocation.asked_at,
        "revocation",
        words.revocation_words(brief, revocation),
        words.revocation_state(brief, revocation),
        words.revocation_result(revocation),
        elsewhere=True,
    )


def _alarms(brief: Brief) -> Iterator[Entry]:
    """An alarm of the ledger stays one: what is missing or was altered does not come back."""
    for event in rows.alarms_in(brief):
        grave = event.action in rows.GRAVE_ALARMS
        yield Entry(
            event.at,
            "alarm",
            act_words(brief, event.action),
            brief.say("incident.alarm"),
            "danger" if grave else "attention",
        )
