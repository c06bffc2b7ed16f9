"""Using emergency access. Every call is judged anew, before and after the org answers."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.accounts import services as accounts
from apps.accounts.models import FreshFactor, User
from apps.breakglass import asking, policies, selectors
from apps.breakglass.errors import NotInState
from apps.breakglass.models import Request
from apps.breakglass.services.personal import seal_address
from apps.breakglass.services.stopping import require_not_stopped
from apps.breakglass.services.transitions import require_untouched
from apps.common.clock import database_now, not_before
from apps.common.errors import Conflict, Denied, NotFound
from apps.common.scope import scoped
from apps.crm.errors import CrmError
from apps.crm.session import open_org
from apps.custody import tokens
from apps.custody.errors import TokenRefused
from apps.custody.models import IssuedToken
from apps.ledger import services as ledger
from apps.ledger.errors import NotRecorded
from apps.ledger.spool.switch import spooling
from apps.ledger.spool.trial import why_unwritable

REVEAL_DECISION = "breakglass.token.reveal"


@dataclass(frozen=True, slots=True)
class Call:
    """One elevated call: the bearer text, where it came from, and what it wants.

    No `fields` means every field that was approved for the object.
    """

    text: str
    address: str
    object_name: str
    record_id: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grant:
    """A call that was let through, and what exactly it may read."""

    request: Request
    holder: User
    record_id: str
    fields: tuple[str, ...]


@transaction.atomic
def reveal(*, actor: User, request_id: UUID, factor: FreshFactor, now: datetime) -> str:
    """Show the token's text to the account that asked, once, for a factor bound to this request.

    Raises `Denied`, `FactorRefused`, `NotInState`, `Conflict` when it was shown before.
    """
    request = selectors.lock_request_for(actor=actor, request_id=request_id)
    policies.may_reveal(actor=actor, request=request).require()
    if request.token_id is None:
        raise NotInState("There is no token: this access has not been approved.")
    accounts.spend_factor(
        factor=factor,
        user=actor,
        decision=REVEAL_DECISION,
        subject=request.content_hash,
        now=now,
    )
    return tokens.reveal_secret(actor=actor, token_id=request.token_id, now=now)


def read_record(*, tenant_id: UUID, call: Call, now: datetime) -> dict[str, Any]:
    """Read the approved fields of one approved record. Call it with no scope open.

    The call is admitted, the org is asked with no transaction open, and the call is admitted once
    more in the transaction that records it: access that was ended meanwhile yields nothing. Raises
    `TokenRefused` (401), `Denied` (403), `Conflict`, `CrmError`, `NotFound`; every one of them that
    concerns a known token is recorded.

    Where the ledger cannot be written and the access's rules allow it, all of this is recorded in
    the host's spool, beginning with a line that is on the disk before the org is asked. Else raises
    `NotRecorded` (503).
    """
    with _remembering(tenant_id, call), scoped(tenant_id=tenant_id):
        grant = admit(call=call, now=now)
        why = why_unwritable()
    if not why:
        return _read(tenant_id, grant, call, now=now)
    _require_spooling(grant.request)
    with spooling(tenant_id=tenant_id, why=why):
        with scoped(tenant_id=tenant_id):
            require_not_stopped(grant.request)
            _record(grant, call, "breakglass.record.asked", {})
        return _read(tenant_id, grant, call, now=now)


def _require_spooling(request: Request) -> None:
    decision = policies.may_spool(request=request)
    if not decision.allowed:
        raise NotRecorded(f"{decision.reason} Nothing was read.")


def _read(tenant_id: UUID, grant: Grant, call: Call, *, now: datetime) -> dict[str, Any]:
    record, calls = _ask_org(tenant_id, grant, call)
    with _remembering(tenant_id, call), scoped(tenant_id=tenant_id):
        grant = admit(call=call, now=now)
        data = {"found": record is not None, "org_requests": calls}
        _record(grant, call, "breakglass.record.read", data)
    if record is None:
        raise NotFound("The org has no such record, or the console's user may not see it.")
    return {name: record.get(name) for name in grant.fields}


def admit(*, call: Call, now: datetime) -> Grant:
    """The one check that every elevated call meets. Needs the token's tenant in scope.

    Geofence, then the token itself, then state, deadline, holder, scope and the signed content, on
    database time. Raises `TokenRefused`, `Denied`, `ContentChanged`.
    """
    request = _request_of(call.text)
    if request is None:
        raise TokenRefused("This token is unknown.")
    policies.is_inside(request=request, address=call.address).require()
    kind = IssuedToken.Kind.EMERGENCY
    token = tokens.check_token(call.text, kind=kind, address=call.address, now=now)
    if request.deadline_at is None or not_before(now) >= request.deadline_at:
        raise TokenRefused("The time of this emergency access is over.")
    holder = selectors.find_member(token.holder_id)
    record_id, fields = asking.long_id(call.record_id), _fields(call, request)
    policies.may_read_record(
        request=request,
        holder=holder,
        object_name=call.object_name,
        record_id=record_id,
        fields=fields,
    ).require()
    require_not_stopped(request)
    require_untouched(request)
    return Grant(request, request.requester, record_id, fields)


def _request_of(text: str) -> Request | None:
    kind = IssuedToken.Kind.EMERGENCY
    token = IssuedToken.objects.filter(digest=tokens.digest_of(text), kind=kind).first()
    return selectors.request_of_token(token) if token else None


def _fields(call: Call, request: Request) -> tuple[str, ...]:
    approved: Sequence[str] = request.scope.get(call.object_name, {}).get("fields", ())
    return call.fields or tuple(approved)


def _ask_org(tenant_id: UUID, grant: Grant, call: Call) -> tuple[dict[str, Any] | None, list[str]]:
    try:
        org_id = grant.request.connection_id
        with open_org(tenant_id=tenant_id, connection_id=org_id, purpose="emergency") as org:
            record = org.read(call.object_name, grant.record_id, list(grant.fields))
            return record, list(org.request_ids)
    except CrmError as failure:
        with scoped(tenant_id=tenant_id):
            _record(grant, call, "breakglass.record.failed", {"code": failure.code})
        raise


@contextmanager
def _remembering(tenant_id: UUID, call: Call) -> Iterator[None]:
    """Record a refusal after its own transaction was undone. Unknown tokens are nobody's act."""
    try:
        yield
    except (TokenRefused, Denied, Conflict) as refusal:
        rule = refusal.rule if isinstance(refusal, Denied) else refusal.code
        with scoped(tenant_id=tenant_id):
            request = _request_of(call.text)
            holder = selectors.find_member(request.requester_id) if request else None
            if request and holder:
                grant = Grant(request, holder, call.record_id, call.fields)
                _record(grant, call, "breakglass.record.refused", {"rule": rule})
        raise


def _record(grant: Grant, call: Call, action: str, data: dict[str, Any]) -> None:
    known = call.object_name in grant.request.scope
    ledger.record(
        actor=grant.holder,
        action=action,
        target=grant.request,
        at=database_now(),
        data={
            "object": call.object_name if known else "outside-scope",
            "record": grant.record_id if asking.RECORD_ID.fullmatch(grant.record_id) else "",
            "fields": len(grant.fields),
            **data,
            **seal_address(grant.holder, call.address),
        },
    )
