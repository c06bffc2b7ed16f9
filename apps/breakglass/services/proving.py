"""After the end: prove that the access is dead, by using it, and only then close.

Elevated reads go through the connection's own session, so no org credential is minted for a grant
and none needs rotating; what the grant did mint is its token, and that is what is tried.
"""

import ipaddress
from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.breakglass import policies, selectors
from apps.breakglass.errors import ContentChanged
from apps.breakglass.models import Request
from apps.breakglass.services.elevation import Call, admit
from apps.breakglass.services.transitions import move
from apps.breakglass.states import State
from apps.common.actors import Actor
from apps.common.clock import not_before
from apps.common.errors import Denied
from apps.common.jobs import enqueue
from apps.common.keyring import CannotOpen
from apps.custody import tokens
from apps.custody.access import emergency_access
from apps.custody.errors import TokenRefused
from apps.custody.models import IssuedToken
from apps.ledger import services as ledger

FIRST_WAIT, LONGEST_WAIT = 15, 600  # seconds between attempts; doubling


def rotate(*, actor: Actor, request_id: UUID, now: datetime) -> Request:
    """Both steps, for callers without an outside world between them. See the two below."""
    begin_rotation(actor=actor, request_id=request_id, now=now)
    return prove_dead(actor=actor, request_id=request_id, now=now)


@transaction.atomic
def begin_rotation(*, actor: Actor, request_id: UUID, now: datetime) -> Request:
    """Enter `rotating`, from the end, after a failure, or again after a worker died in it."""
    request = selectors.lock_request_for(actor=actor, request_id=request_id)
    policies.may_end(actor=actor, request=request).require()
    if request.state == State.CLOSED:
        return request
    request.rotation_attempts += 1
    request.rotation_tried_at = not_before(now)
    if request.state == State.ROTATING:
        request.save(update_fields=["rotation_attempts", "rotation_tried_at"])
    else:
        attempt = {"rotation_attempts": request.rotation_attempts}
        move(request, State.ROTATING, rotation_tried_at=request.rotation_tried_at, **attempt)
    ledger.record(
        actor=actor,
        action="breakglass.rotation.started",
        target=request,
        at=request.rotation_tried_at,
        data={"attempt": request.rotation_attempts},
    )
    return request


@transaction.atomic
def prove_dead(*, actor: Actor, request_id: UUID, now: datetime) -> Request:
    """Present the kept token at the check that callers meet: refused means closed, with the proof
    in the ledger; anything else means `rotation_failed`, and another attempt."""
    request = selectors.lock_request_for(actor=actor, request_id=request_id)
    policies.may_end(actor=actor, request=request).require()
    if request.state != State.ROTATING or request.token_id is None:
        return request
    now = not_before(now)
    token = IssuedToken.objects.get(pk=request.token_id)
    failure = _why_not_proven(request, token, now=now)
    if failure:
        _fail(request, actor, failure, now)
    else:
        _close(request, actor, token, now)
    return request


def _why_not_proven(request: Request, token: IssuedToken, *, now: datetime) -> str:
    """A code when the proof fails: the secret must be the issued one, and nothing may accept it."""
    try:
        with emergency_access():
            text = str(token.secret)
    except CannotOpen:
        return "secret_unreadable"
    if tokens.digest_of(text) != bytes(token.digest):
        return "secret_is_another"
    address = _address_inside(request)
    if not tokens.is_dead(token, address=address, now=now):
        return "token_still_accepted"
    return "call_still_admitted" if _is_admitted(request, text, address, now) else ""


def _is_admitted(request: Request, text: str, address: str, now: datetime) -> bool:
    """Try the very first thing that was approved, from inside the geofence."""
    name, part = next(iter(request.scope.items()))
    try:
        admit(call=Call(text, address, name, part["records"][0]), now=now)
    except (TokenRefused, Denied, ContentChanged):
        return False
    return True


def _address_inside(request: Request) -> str:
    return str(ipaddress.ip_network(request.networks[0]).network_address)


def _close(request: Request, actor: Actor, token: IssuedToken, now: datetime) -> None:
    ledger.record(
        actor=actor,
        action="breakglass.token.proven_dead",
        target=request,
        at=now,
        data={"token": str(token.pk), "refused": True, "org_credentials_minted": 0},
    )
    move(request, State.CLOSED, closed_at=now, rotation_failure="")
    ledger.record(actor=actor, action="breakglass.request.closed", target=request, at=now)


def _fail(request: Request, actor: Actor, failure: str, now: datetime) -> None:
    move(request, State.ROTATION_FAILED, rotation_failure=failure)
    ledger.record(
        actor=actor,
        action="breakglass.rotation.failed",
        target=request,
        at=now,
        data={"code": failure, "attempt": request.rotation_attempts},
    )
    wait = min(FIRST_WAIT * 2 ** (request.rotation_attempts - 1), LONGEST_WAIT)
    enqueue("breakglass.rotate", countdown=wait, request_id=request.pk)
