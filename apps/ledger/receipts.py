"""A process tells, every minute and at its end, which of its events it saw committed."""

import atexit
import threading
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, close_old_connections

from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.ledger.models import Receipt
from apps.ledger.ranges import ranges_of
from apps.ledger.sources import Source, current_source
from apps.ledger.spool.minding import mind_spool

EVERY = timedelta(seconds=60)
HEARTBEATS_FOR = timedelta(hours=1)  # after a tenant's last event; then the source says farewell


@dataclass(frozen=True, slots=True)
class ExternalSource:
    """A source outside the console that numbers its events itself, from 1 and without gaps."""

    id: uuid.UUID
    name: str


def register_source(name: str) -> ExternalSource:
    """Expect gap-free numbers of a source of the open tenant; pass them to `record(source=…)`."""
    source = ExternalSource(uuid.uuid4(), name)
    Receipt.objects.create(source_id=source.id, name=name, gap_free=True, ends=True)
    return source


def flush_receipts(*, now: datetime | None = None, farewell: bool = False) -> None:
    """Write what this process saw committed; tenants with nothing new get a sign of life.

    What cannot be written is kept for the next time.
    """
    source = current_source()
    now = now or database_now()
    for tenant_id, last in list(source.last_at.items()):
        _tell(source, tenant_id, ends=farewell or now - last > HEARTBEATS_FOR)


def _tell(source: Source, tenant_id: uuid.UUID, *, ends: bool) -> None:
    numbers = source.take_acknowledged(tenant_id)
    try:
        with scoped(tenant_id=tenant_id):
            Receipt.objects.create(
                source_id=source.id,
                name=source.name,
                acknowledged=ranges_of(numbers),
                ends=ends and not numbers,
            )
            if ends and numbers:
                Receipt.objects.create(source_id=source.id, name=source.name, ends=True)
    except DatabaseError:
        source.put_back(tenant_id, numbers)
        raise
    if ends:
        source.last_at.pop(tenant_id, None)


def start_telling(name: str) -> None:
    """Name this process and flush its receipts every minute, and a last time at its end.

    The host's spool is prepared at once, and looked after every minute too.
    """
    current_source().name = name
    threading.Thread(target=_every_minute, args=[threading.Event()], daemon=True).start()
    atexit.register(say_farewell)


def say_farewell() -> None:
    """Flush a last time: silence from now on is no loss."""
    _flush(farewell=True)


def _every_minute(never: threading.Event) -> None:
    _mind_spool()
    while not never.wait(EVERY.total_seconds()):
        _flush(farewell=False)
        _mind_spool()


def _mind_spool() -> None:
    close_old_connections()
    try:
        mind_spool()
    finally:
        close_old_connections()


def _flush(*, farewell: bool) -> None:
    close_old_connections()
    try:
        flush_receipts(farewell=farewell)
    except DatabaseError:
        pass  # kept for the next time; silence beyond two minutes raises the alarm elsewhere
    finally:
        close_old_connections()
