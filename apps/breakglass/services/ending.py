"""Ending emergency access: when its time is over, or the moment someone says so."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.breakglass import policies, selectors
from apps.breakglass.models import CaseNote, Request
from apps.breakglass.services.flag import STOPPED, set_flag_on_commit
from apps.breakglass.services.noting import queue_note
from apps.breakglass.services.transitions import move
from apps.breakglass.states import EndReason, State
from apps.common.actors import Actor
from apps.common.clock import not_before
from apps.common.jobs import enqueue
from apps.custody import tokens
from apps.ledger import services as ledger


@transaction.atomic
def end_early(*, actor: Actor, request_id: UUID, now: datetime) -> Request:
    """The kill switch: the next elevated call after this commit is refused.

    For the requester who is done, and for whoever may end emergencies. No factor is asked: ending
    must never wait for a phone. Raises `Denied`, `NotInState`.
    """
    request = selectors.lock_request_for(actor=actor, request_id=request_id)
    policies.may_end(actor=actor, request=request).require()
    own = getattr(actor, "person_id", None) == request.requester_person
    _end(request, actor, EndReason.DONE if own else EndReason.STOPPED, not_before(now))
    return request


@transaction.atomic
def end_due(*, actor: Actor, request_id: UUID, now: datetime) -> bool:
    """End an access whose time is over. Says whether it did; doing it twice changes nothing."""
    request = selectors.lock_request_for(actor=actor, request_id=request_id)
    policies.may_end(actor=actor, request=request).require()
    now = not_before(now)
    if request.state != State.ACTIVE or request.deadline_at is None or now < request.deadline_at:
        return False
    _end(request, actor, EndReason.DEADLINE, now)
    return True


@transaction.atomic
def end_stopped(*, actor: Actor, request_id: UUID, now: datetime) -> bool:
    """End an access that was stopped while nothing could be written. Says whether it did."""
    request = selectors.lock_request_for(actor=actor, request_id=request_id)
    policies.may_end(actor=actor, request=request).require()
    if request.state != State.ACTIVE:
        return False
    _end(request, actor, EndReason.STOPPED, not_before(now))
    return True


def _end(request: Request, actor: Actor, reason: EndReason, now: datetime) -> None:
    """State and token change together; the proof that the token is dead follows in a task.

    The flag is for hosts whose replica may not have heard of it yet.
    """
    set_flag_on_commit(request.pk, STOPPED, until=request.deadline_at, now=now)
    move(request, State.ENDING, ended_at=now, end_reason=reason)
    if request.token_id is not None:
        tokens.end_token(actor=actor, token_id=request.token_id, now=now)
    ledger.record(
        actor=actor,
        action="breakglass.request.ended",
        target=request,
        at=now,
        data={"reason": reason.value},
    )
    queue_note(request, step=CaseNote.Step.ENDED, now=now)
    enqueue("breakglass.rotate", request_id=request.pk)
