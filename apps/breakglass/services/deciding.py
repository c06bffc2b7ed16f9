"""Deciding about a request: approve, deny, and what happens when nobody does."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.accounts import services as accounts
from apps.accounts.models import FreshFactor, User
from apps.breakglass import policies, quorum, selectors
from apps.breakglass.errors import AlreadySigned
from apps.breakglass.models import Approval, CaseNote, Request
from apps.breakglass.services.flag import OPEN, set_flag_on_commit
from apps.breakglass.services.noting import queue_note
from apps.breakglass.services.personal import prepare_address, seal_address
from apps.breakglass.services.transitions import move, require_pending, require_untouched
from apps.breakglass.states import State
from apps.common.actors import Actor, ServiceActor
from apps.common.clock import not_before
from apps.common.text import require_text
from apps.custody import tokens
from apps.custody.models import IssuedToken
from apps.ledger import services as ledger

APPROVE_DECISION = "breakglass.request.approve"
KEEPER = ServiceActor("breakglass")


@transaction.atomic
def approve(
    *,
    actor: User,
    request_id: UUID,
    role: str,
    factor: FreshFactor,
    now: datetime,
    address: str = "",
) -> Request:
    """Add the actor's signature; activate once the quorum of distinct people is complete.

    The factor must be fresh and bound to this decision and this content hash. `address` is where
    the signature came from; the ledger keeps it sealed for its person. Raises `Denied`,
    `FactorRefused`, `NotInState`, `RequestExpired`, `AlreadySigned`, `ContentChanged`.
    """
    request = selectors.lock_request_for(actor=actor, request_id=request_id)
    policies.may_approve(actor=actor, request=request, role=role).require()
    now = not_before(now)
    require_pending(request, now=now)
    require_untouched(request)
    _void_what_fell(request, now=now)
    _require_first_signature(request, actor)
    accounts.spend_factor(
        factor=factor,
        user=actor,
        decision=APPROVE_DECISION,
        subject=request.content_hash,
        now=now,
    )
    approval = _keep_signature(request, actor=actor, role=role, factor=factor, now=now)
    ledger.record(
        actor=actor,
        action="breakglass.request.approved",
        target=request,
        at=now,
        data={
            "approval": str(approval.pk),
            "role": role,
            "content_hash": request.content_hash,
            "factor": str(factor.pk),
            **seal_address(actor, address),
        },
    )
    if _quorum_is_complete(request):
        _activate(request, actor=actor, address=address, now=now)
    return request


@transaction.atomic
def deny(*, actor: User, request_id: UUID, reason: str, now: datetime) -> Request:
    """Say no, once and for all. One approver of either role suffices; no factor is asked, because
    a refusal opens nothing. Raises `Denied`, `Invalid`, `NotInState`, `RequestExpired`."""
    request = selectors.lock_request_for(actor=actor, request_id=request_id)
    policies.may_deny(actor=actor, request=request).require()
    now = not_before(now)
    require_pending(request, now=now)
    words = require_text(reason, field="reason", label="The reason", at_least=5, at_most=1000)
    move(request, State.DENIED, decided_at=now, decided_by=actor, refusal=words)
    ledger.record(actor=actor, action="breakglass.request.denied", target=request, at=now)
    return request


@transaction.atomic
def expire_due(*, actor: Actor, request_id: UUID, now: datetime) -> bool:
    """Mark a request whose time to gather signatures is over. Says whether it did."""
    request = selectors.lock_request_for(actor=actor, request_id=request_id)
    now = not_before(now)
    if request.state != State.PENDING or request.expires_at is None or now < request.expires_at:
        return False
    move(request, State.EXPIRED, decided_at=now)
    ledger.record(actor=actor, action="breakglass.request.expired", target=request, at=now)
    return True


def _keep_signature(
    request: Request, *, actor: User, role: str, factor: FreshFactor, now: datetime
) -> Approval:
    approval: Approval = Approval.objects.create(
        request=request,
        by=actor,
        person_id=actor.person_id,
        role=role,
        content_hash=request.content_hash,
        factor=factor,
        at=now,
        expires_at=now + request.policy.approval_life,
    )
    return approval


def _activate(request: Request, *, actor: User, address: str, now: datetime) -> None:
    """Open the access: the last signature's transaction issues the token and starts the clock."""
    requester = selectors.find_member(request.requester_id)
    policies.may_be_elevated(requester=requester, connection=request.connection).require()
    deadline = now + request.duration
    token, _ = tokens.issue_token(
        actor=actor,
        holder=request.requester,
        kind=IssuedToken.Kind.EMERGENCY,
        name=f"Emergency {request.case_reference}",
        scope=request.scope,
        networks=list(request.networks),
        now=now,
        expires_at=deadline,
        origin_id=request.pk,
    )
    prepare_address(request.requester)
    set_flag_on_commit(request.pk, OPEN, until=deadline, now=now)
    move(request, State.ACTIVE, token=token, activated_at=now, deadline_at=deadline, decided_at=now)
    ledger.record(
        actor=actor,
        action="breakglass.request.activated",
        target=request,
        at=now,
        data={
            "token": str(token.pk),
            "until": deadline.isoformat(),
            "approvals": [str(each.pk) for each in selectors.standing_approvals(request)],
            **seal_address(actor, address),
        },
    )
    queue_note(request, step=CaseNote.Step.ACTIVATED, now=now)


def _quorum_is_complete(request: Request) -> bool:
    signatures = [(each.person_id, each.role) for each in selectors.standing_approvals(request)]
    return quorum.is_complete(
        signatures, quorum=request.policy.quorum, requester=request.requester_person
    )


def _void_what_fell(request: Request, *, now: datetime) -> None:
    """Void signatures whose signer lost the authority, that grew too old, or over other content.

    Runs before every new signature, so that activation only ever counts people who may approve at
    that moment.
    """
    for approval in selectors.standing_approvals(request):
        reason = _why_void(approval, request, now=now)
        if reason:
            approval.voided_at, approval.void_reason = now, reason
            approval.save(update_fields=["voided_at", "void_reason"])
            ledger.record(
                actor=KEEPER,
                action="breakglass.approval.voided",
                target=request,
                at=now,
                data={"approval": str(approval.pk), "reason": reason},
            )


def _why_void(approval: Approval, request: Request, *, now: datetime) -> str:
    if approval.content_hash != request.content_hash:
        return Approval.Void.CONTENT_CHANGED
    if now >= approval.expires_at:
        return Approval.Void.EXPIRED
    signer = selectors.find_member(approval.by_id)
    if signer is None or signer.person_id != approval.person_id:
        return Approval.Void.AUTHORITY_LOST
    decision = policies.may_approve(actor=signer, request=request, role=approval.role)
    return "" if decision.allowed else Approval.Void.AUTHORITY_LOST


def _require_first_signature(request: Request, actor: User) -> None:
    for approval in selectors.standing_approvals(request):
        if approval.person_id == actor.person_id or approval.by_id == actor.pk:
            raise AlreadySigned("Your signature is there already. Someone else has to add theirs.")
