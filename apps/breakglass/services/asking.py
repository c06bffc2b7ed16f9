"""Asking for emergency access, and taking the request back."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.accounts.models import User
from apps.breakglass import asking, policies, selectors
from apps.breakglass.errors import OnePendingOnly
from apps.breakglass.models import CaseNote, Request
from apps.breakglass.services.noting import queue_note
from apps.breakglass.services.policy import policy_in_force
from apps.breakglass.services.transitions import move
from apps.breakglass.states import State
from apps.common.clock import not_before
from apps.crm import selectors as crm
from apps.ledger import services as ledger


@transaction.atomic
def draft_request(
    *,
    actor: User,
    connection_id: UUID,
    scope: Mapping[str, Any],
    networks: Sequence[str],
    duration: timedelta,
    justification: str,
    case_reference: str,
    now: datetime,
) -> Request:
    """Write down what is asked, for its author to read once more. Nobody is asked yet.

    `scope` maps each object to its `fields` and `records`; `networks` is the geofence as CIDR.
    Raises `Denied`, `NotFound` (no such org here) and `Invalid` naming the field.
    """
    connection = crm.get_connection_for(actor=actor, connection_id=connection_id)
    policies.may_request(actor=actor, connection=connection).require()
    policy = policy_in_force(actor=actor, now=now)
    request = Request(
        requester=actor,
        requester_person=actor.person_id,
        connection=connection,
        policy=policy,
        justification=asking.check_justification(justification),
        case_reference=asking.check_case_reference(case_reference),
        scope=asking.check_scope(scope, policy=policy),
        networks=asking.check_networks(networks),
        duration=asking.check_duration(duration, policy=policy),
    )
    request.content_hash = request.hash_now()
    request.save(force_insert=True)
    ledger.record(
        actor=actor,
        action="breakglass.request.drafted",
        target=request,
        at=now,
        data={"connection": str(connection.pk), "content_hash": request.content_hash},
    )
    return request


@transaction.atomic
def submit_request(*, actor: User, request_id: UUID, now: datetime) -> Request:
    """Ask for signatures. From here on the content cannot change, and the clock runs.

    The policy in force now becomes the request's own. Raises `Denied`, `NotInState`,
    `OnePendingOnly`, `Invalid` when the policy no longer allows what was drafted.
    """
    request = selectors.lock_request_for(actor=actor, request_id=request_id)
    policies.may_withdraw(actor=actor, request=request).require()
    policies.may_request(actor=actor, connection=request.connection).require()
    now = not_before(now)
    request.policy = policy_in_force(actor=actor, now=now)
    asking.check_duration(request.duration, policy=request.policy)
    asking.check_scope(request.scope, policy=request.policy)
    with _one_at_a_time():
        move(
            request,
            State.PENDING,
            policy=request.policy,
            content_hash=request.hash_now(),
            submitted_at=now,
            expires_at=now + request.policy.pending_life,
        )
    ledger.record(
        actor=actor,
        action="breakglass.request.submitted",
        target=request,
        at=now,
        data={
            "connection": str(request.connection_id),
            "content_hash": request.content_hash,
            "records": request.record_count,
            "minutes": int(request.duration.total_seconds()) // 60,
            "policy_version": request.policy.version,
        },
    )
    queue_note(request, step=CaseNote.Step.SUBMITTED, now=now)
    return request


@transaction.atomic
def withdraw(*, actor: User, request_id: UUID, now: datetime) -> Request:
    """Take the request back before it is decided. Raises `Denied`, `NotInState`."""
    request = selectors.lock_request_for(actor=actor, request_id=request_id)
    policies.may_withdraw(actor=actor, request=request).require()
    now = not_before(now)
    move(request, State.WITHDRAWN, decided_at=now, decided_by=actor)
    ledger.record(actor=actor, action="breakglass.request.withdrawn", target=request, at=now)
    return request


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """One wait per person and org. The unique constraint decides, also between two at once."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "one_pending_request_each" not in str(error):
            raise
        raise OnePendingOnly(
            "You already wait for signatures on this org. Withdraw that request first."
        ) from error
