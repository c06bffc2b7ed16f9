"""Whether the ledger can be written, by writing to it and taking that back."""

import uuid
from datetime import timedelta

from django.db import DatabaseError, connection, transaction

from apps.common.clock import database_now
from apps.common.ids import new_id
from apps.common.scope import current_tenant_id
from apps.ledger.body import canonical
from apps.ledger.models import Event
from apps.ledger.spool import trouble
from apps.ledger.spool.key import PREPARED

PATIENCE = timedelta(seconds=2)  # a lock held longer than this counts as unwritable


class _TakenBack(Exception):
    """The trial worked; its event must not stay."""


def why_unwritable() -> str:
    """Try an event in the open tenant's transaction, undo it, and tell the code of what refused it.

    Empty when the ledger takes events. Asking for rights and settings would not do: a full disk and
    a lock show only in the attempt. Raises `DatabaseError` for a failure that is none of these.
    """
    event = _event()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "select set_config('lock_timeout', %s, true)",
                [f"{int(PATIENCE.total_seconds() * 1000)}"],
            )
            cursor.execute("select ledger_add(%s)", [canonical(event, {})])
            raise _TakenBack
    except _TakenBack:
        return ""
    except DatabaseError as failure:
        code = trouble.code_of(failure)
        if not code:
            raise
        return code


def _event() -> Event:
    return Event(
        id=new_id(),
        tenant_id=current_tenant_id(),
        action=PREPARED,
        actor="service:ledger",
        target_type="spool",
        target_id="trial",
        at=database_now(),
        source_id=uuid.uuid4(),
        source_seq=1,
    )
