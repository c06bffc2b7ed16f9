"""Reads of break-glass. `get_request_for` is the only door to one request."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import models

from apps.accounts.models import User
from apps.breakglass import quorum
from apps.breakglass.models import Approval, CaseNote, EmergencyPolicy, Request
from apps.breakglass.states import ENDED_BUT_OPEN, State
from apps.common import powers
from apps.common.actors import Actor, ServiceActor
from apps.common.errors import NotFound
from apps.custody.models import IssuedToken
from apps.ledger.models import Event
from apps.tenancy import policies as tenancy


def current_policy() -> EmergencyPolicy | None:
    """The tenant's newest policy; None until someone asks for the first time."""
    return EmergencyPolicy.objects.order_by("-version").first()


def list_requests(*, actor: Actor) -> models.QuerySet[Request]:
    """Requests that the actor may see, newest first: everyone's, but only their own drafts."""
    tenancy.may(actor, _power_to_see(actor)).require()
    return _visible(actor, Request.objects.all()).order_by("-created_at", "-id")


def get_request_for(*, actor: Actor, request_id: UUID) -> Request:
    """One request the actor may see, with its org and policy. Raises `Denied`, `NotFound`."""
    rows = list_requests(actor=actor).select_related("connection", "policy", "token")
    return _found(rows.filter(pk=request_id).first())


def lock_request_for(*, actor: Actor, request_id: UUID) -> Request:
    """The same, holding the row until the transaction ends: transitions of one request queue."""
    tenancy.may(actor, _power_to_see(actor)).require()
    rows = Request.objects.select_for_update(of=("self",)).select_related("connection", "policy")
    return _found(_visible(actor, rows).filter(pk=request_id).first())


def standing_approvals(request: Request) -> list[Approval]:
    """Signatures that have not been voided, oldest first."""
    return [approval for approval in every_approval(request) if approval.stands]


def every_approval(request: Request) -> list[Approval]:
    """Signatures, the voided ones too, oldest first."""
    return sorted(request.approvals.all(), key=lambda approval: (approval.at, approval.pk))


def missing_signatures(request: Request) -> dict[str, int]:
    """How many more people must sign in each role."""
    return quorum.missing(
        [(approval.person_id, approval.role) for approval in standing_approvals(request)],
        quorum=request.policy.quorum,
        requester=request.requester_person,
    )


def find_member(user_id: UUID) -> User | None:
    """An account of the open tenant, or None for one that has left it."""
    return User.objects.filter(pk=user_id).first()


def request_of_token(token: IssuedToken) -> Request | None:
    """The request that an emergency token stems from."""
    rows = Request.objects.select_related("connection", "policy")
    return rows.filter(token=token).first()


def list_expired_ids(*, now: datetime) -> list[UUID]:
    """Requests whose wait for signatures is over though nobody has said so."""
    rows = Request.objects.filter(state=State.PENDING, expires_at__lte=now)
    return list(rows.values_list("pk", flat=True))


def list_overdue_ids(*, now: datetime) -> list[UUID]:
    """Accesses whose time is over though nobody has ended them."""
    rows = Request.objects.filter(state=State.ACTIVE, deadline_at__lte=now)
    return list(rows.values_list("pk", flat=True))


def list_stopped_ids() -> list[UUID]:
    """Accesses still active that somebody stopped while nothing could be written."""
    active = list(Request.objects.filter(state=State.ACTIVE).values_list("pk", flat=True))
    if not active:
        return []
    ids = [str(request_id) for request_id in active]
    events = Event.objects.filter(action="breakglass.request.stopped", target_id__in=ids)
    stopped = set(events.values_list("target_id", flat=True))
    return [request_id for request_id in active if str(request_id) in stopped]


def list_unproven_ids(*, tried_before: datetime) -> list[UUID]:
    """Ended accesses whose death is not proven, untouched since that time."""
    rows = Request.objects.filter(state__in=ENDED_BUT_OPEN, ended_at__lte=tried_before)
    untouched = models.Q(rotation_tried_at=None) | models.Q(rotation_tried_at__lte=tried_before)
    return list(rows.filter(untouched).values_list("pk", flat=True))


def list_notes(request: Request) -> list[CaseNote]:
    """What the org was told about a request, or still has to be."""
    return list(CaseNote.objects.filter(request=request).order_by("queued_at", "id"))


def list_due_notes(*, now: datetime) -> list[UUID]:
    """Notes that the org has not taken yet and that are due again."""
    rows = CaseNote.objects.filter(written_at=None, due_at__lte=now)
    return list(rows.order_by("queued_at", "id").values_list("pk", flat=True)[:100])


def _power_to_see(actor: Actor) -> str:
    service = isinstance(actor, ServiceActor)
    return powers.END_EMERGENCY if service else powers.READ_EMERGENCY


def _visible(actor: Actor, rows: models.QuerySet[Request]) -> models.QuerySet[Request]:
    own = models.Q(requester=actor) if isinstance(actor, User) else models.Q()
    return rows.filter(own | ~models.Q(state=State.DRAFT))


def _found(request: Request | None) -> Request:
    if request is None:
        raise NotFound("There is no such emergency request here.")
    return request


def list_page(
    *, actor: Actor, states: Collection[str] = (), before: UUID | None = None, size: int = 50
) -> tuple[list[Request], UUID | None]:
    """One page of requests, newest first, and the id to continue after; None on the last one."""
    rows = list_requests(actor=actor).select_related("connection", "policy")
    rows = rows.prefetch_related("approvals")
    if states:
        rows = rows.filter(state__in=states)
    last = list_requests(actor=actor).filter(pk=before).first() if before else None
    if last is not None:
        older = models.Q(created_at__lt=last.created_at)
        rows = rows.filter(older | models.Q(created_at=last.created_at, pk__lt=last.pk))
    found = list(rows[: size + 1])
    return found[:size], found[size - 1].pk if len(found) > size else None


def count_open(*, actor: Actor) -> dict[str, int]:
    """How many requests wait for signatures, are active, or are not proven dead."""
    states = (State.PENDING, State.ACTIVE, *ENDED_BUT_OPEN)
    rows = list_requests(actor=actor).filter(state__in=states).order_by()
    return dict(rows.values_list("state").annotate(models.Count("pk")))
