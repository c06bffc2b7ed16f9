"""An incident at one org: what happened there in some days, what was done, what is still open."""

from uuid import UUID

from django.db.models import QuerySet

from apps.crm.models import Connection
from apps.crm.selectors import list_connections
from apps.evidence.purposes.about_org import events_about
from apps.evidence.purposes.purpose import Part, Purpose, Subject
from apps.evidence.sections import controls, ledger
from apps.evidence.sections.incident import done, findings, happened
from apps.evidence.sections.window import Window
from apps.ledger.models import Event

MOST_LISTED = 1_000


def _events(window: Window, subject: UUID | None) -> QuerySet[Event]:
    return events_about(subject, window) if subject else Event.objects.none()


def _subject(org: Connection) -> Subject:
    return Subject(id=org.pk, name=org.name, first=org.created_at.date(), last=None)


def _subjects() -> list[Subject]:
    return [_subject(org) for org in list_connections()[:MOST_LISTED]]


def _find(subject_id: UUID) -> Subject | None:
    org = Connection.objects.filter(pk=subject_id).first()
    return _subject(org) if org else None


PURPOSE = Purpose(
    code="incident",
    parts=(
        Part("happened", happened.write, "incident.heading"),
        Part("done", done.write, "incident_done.heading"),
        Part("findings", findings.write, "incident_findings.heading"),
        Part("controls", controls.write, "controls.heading"),
        Part("ledger", ledger.write, "ledger.heading"),
    ),
    events=_events,
    subjects=_subjects,
    find_subject=_find,
    days_are_chosen=True,
    never_holds=("other_acts", "incident_file"),
)
