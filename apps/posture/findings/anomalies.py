"""What crm noticed about its orgs (entries of the ledger) becomes findings."""

from datetime import datetime, timedelta
from typing import Any

from apps.crm.models import Connection
from apps.ledger import selectors as ledger
from apps.ledger.models import Event
from apps.posture.findings.kinds import Kind, register_kinds
from apps.posture.findings.reporting import report_finding
from apps.posture.models import Finding

NOTICED = "crm.anomaly.noticed"
LOOK_BACK = timedelta(hours=24)
KIND = "anomaly.noticed"
FIX = "Find out who did this. Shut it out if nobody of yours did, else say here what it was."

register_kinds(Kind(KIND, "Something unusual about the connection to an org", "CRM-7"))


def report_anomalies(*, now: datetime) -> int:
    """Report what was noticed since the last time; an entry is told once. The number reported.

    An entry's target is the org; its data names what was noticed (`code`) and, where there is
    more than one of them, which (`about`).
    """
    events = list(ledger.list_events(action=NOTICED, since=now - LOOK_BACK))
    if not events:
        return 0
    orgs = {str(org.pk): org for org in Connection.objects.all()}
    return sum(_report(event, orgs) for event in reversed(events))


def _report(event: Event, orgs: dict[str, Connection]) -> bool:
    data = ledger.data_of(event)
    org = orgs.get(str(data.get("connection", event.target_id)))
    if org is None:
        return False
    subject = _subject(data)
    known = Finding.objects.filter(connection=org, kind=KIND, subject=subject).first()
    if known is not None and known.last_seen_at >= event.at:
        return False
    report_finding(
        kind=KIND,
        connection=org,
        subject=subject,
        title=f"{_title(data)} at {org.name}",
        level="warning",
        fix=FIX,
        source=Finding.Source.ANOMALY,
        now=event.at,
        detail={**data, "ledger_entry": str(event.pk)},
    )
    return True


def _subject(data: dict[str, Any]) -> str:
    parts = (str(data.get("code", "anomaly")), str(data.get("about", "")))
    return "|".join(part for part in parts if part)


def _title(data: dict[str, Any]) -> str:
    words = str(data.get("words") or str(data.get("code", "anomaly")).replace("_", " "))
    return words[:1].upper() + words[1:].rstrip(".")
