"""The kill switch while the database takes no writes: a flag in Valkey, and a line in the spool.

The request's row cannot move, so the flag stops calls on every host until it can; calls in a spool
are refused while Valkey cannot be asked, and when it does not know the access. What was spooled
ends the request once it is taken in.
"""

from datetime import datetime
from uuid import UUID

from django.db import DatabaseError
from redis.exceptions import RedisError

from apps.breakglass import policies, selectors
from apps.breakglass.errors import NotInState
from apps.breakglass.models import Request
from apps.breakglass.services.ending import end_early
from apps.breakglass.services.flag import STOPPED, flag_of, set_flag
from apps.breakglass.states import State
from apps.common.actors import Actor
from apps.common.clock import database_now
from apps.common.scope import current_tenant_id
from apps.custody.errors import TokenRefused
from apps.ledger import services as ledger
from apps.ledger.errors import NotRecorded
from apps.ledger.spool import trouble
from apps.ledger.spool.switch import is_spooling, spooling

_ACTION = "breakglass.request.stopped"


def end_or_stop(*, actor: Actor, request_id: UUID, now: datetime) -> bool:
    """End the access; where nothing can be written, stop it. Says whether it ended.

    Raises `Denied`, `NotInState`, and `NotRecorded` when it could neither be ended nor stopped.
    """
    try:
        end_early(actor=actor, request_id=request_id, now=now)
    except (DatabaseError, NotRecorded) as failure:
        why = trouble.code_of(failure)
        if not why:
            raise
        _stop(actor=actor, request_id=request_id, why=why)
        return False
    return True


def _stop(*, actor: Actor, request_id: UUID, why: str) -> None:
    """The line is on the disk before the flag: what is not recorded is not done."""
    request = selectors.get_request_for(actor=actor, request_id=request_id)
    policies.may_end(actor=actor, request=request).require()
    now = database_now()
    if request.state != State.ACTIVE or request.deadline_at is None or now >= request.deadline_at:
        raise NotInState("This access is not active any more.")
    if not policies.may_spool(request=request).allowed:
        raise NotRecorded(
            "The end cannot be recorded now. Nothing can be read under this access either, because"
            " its rules keep no record outside the ledger. Try again."
        )
    with spooling(tenant_id=current_tenant_id(), why=why):
        ledger.record(actor=actor, action=_ACTION, target=request, at=now)
    try:
        set_flag(request.pk, STOPPED, life=request.deadline_at - now)
    except RedisError as failure:
        raise NotRecorded(
            "The access could not be stopped on every host, but without Valkey no host reads on."
        ) from failure


def require_not_stopped(request: Request) -> None:
    """Raises `TokenRefused` for a stopped access; while events are spooled also `NotRecorded` when
    nobody can say whether it was."""
    stopped = is_stopped(request)
    if stopped is None and is_spooling():
        raise NotRecorded(
            "Whether this access was stopped cannot be asked now, so nothing was read."
        )
    if stopped:
        raise TokenRefused("This access was stopped.")


def is_stopped(request: Request) -> bool | None:
    """Whether it was stopped before it could be ended; None when Valkey cannot tell, and then the
    request's own row decides."""
    flag = flag_of(request.pk)
    return None if flag is None else flag == STOPPED
