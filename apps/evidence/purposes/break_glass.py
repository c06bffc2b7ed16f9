"""One emergency access: the request, its signatures, every read under it, and its proven end."""

from uuid import UUID

from django.db.models import QuerySet

from apps.breakglass.models import Request
from apps.breakglass.states import TERMINAL, State
from apps.evidence.purposes.purpose import Part, Purpose, Subject
from apps.evidence.sections import controls, ledger, one_emergency
from apps.evidence.sections.window import Window
from apps.ledger.models import Event

MOST_LISTED = 200


def _events(_window: Window, subject: UUID | None) -> QuerySet[Event]:
    """What was recorded about the request and about the token it was given."""
    request = Request.objects.filter(pk=subject).only("pk", "token_id").first() if subject else None
    ids = [] if request is None else [str(request.pk), str(request.token_id)]
    events: QuerySet[Event] = Event.objects.filter(target_id__in=ids)
    return events


def _requests() -> QuerySet[Request]:
    """Drafts are their writer's own affair; nothing was asked yet."""
    return Request.objects.exclude(state=State.DRAFT).filter(submitted_at__isnull=False)


def _subject(request: Request) -> Subject:
    over = request.state in TERMINAL
    last = request.closed_at or request.ended_at or request.decided_at or request.expires_at
    return Subject(
        id=request.pk,
        name=f"{request.case_reference}, {request.connection.name}",
        first=request.created_at.date(),
        last=last.date() if over and last else None,
    )


def _subjects() -> list[Subject]:
    rows = _requests().select_related("connection").order_by("-created_at", "-id")
    return [_subject(request) for request in rows[:MOST_LISTED]]


def _find(subject_id: UUID) -> Subject | None:
    request = _requests().select_related("connection").filter(pk=subject_id).first()
    return _subject(request) if request else None


PURPOSE = Purpose(
    code="break-glass",
    parts=(
        Part("one_emergency", one_emergency.write, "emergency.heading"),
        Part("controls", controls.write, "controls.heading"),
        Part("ledger", ledger.write, "ledger.heading"),
    ),
    events=_events,
    subjects=_subjects,
    find_subject=_find,
)
