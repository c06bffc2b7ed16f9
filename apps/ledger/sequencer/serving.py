"""The sequencer as the console runs it: its settings, custody's keys, reports in the ledger."""

from __future__ import annotations

import logging
import uuid
from datetime import UTC, datetime

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, close_old_connections

from apps.common.actors import ServiceActor
from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.ledger import services as ledger
from apps.ledger.sequencer.leading import Sequencer
from apps.ledger.sequencer.session import Session
from apps.ledger.sequencer.wire import Connection
from apps.ledger.signing import checkpoint_keys

log = logging.getLogger(__name__)

SEQUENCER = ServiceActor("sequencer")


def make_sequencer() -> Sequencer:
    """The sequencer that the settings describe. Raises `ImproperlyConfigured` without a login."""
    if not settings.DATABASE_SEQUENCER_URL:
        raise ImproperlyConfigured(
            "DATABASE_SEQUENCER_URL is not set: name the login that gives events their positions."
        )
    return Sequencer(
        url=settings.DATABASE_SEQUENCER_URL,
        open_session=open_session,
        cadence_s=settings.LEDGER_CADENCE_MS / 1000,
        settle=close_old_connections,
        resumed=resumed,
    )


def open_session(connection: Connection) -> Session:
    """A session that signs with custody's keys and reports into the ledger."""
    return Session(
        connection,
        host=settings.LEDGER_ORIGIN,
        keys=checkpoint_keys,
        now=lambda: datetime.now(UTC),
        report=report,
    )


def report(tenant_id: uuid.UUID, words: str) -> None:
    """Tell the tenant's people, in their ledger, that their log is not signed any further."""
    log.error("the log of %s is set aside: %s", tenant_id, words)
    _record(tenant_id, "ledger.log.set_aside", {"why": words[:300]})


def resumed(session: Session) -> bool:
    """Whether some log goes on; each of them is told so."""
    tenants = session.mended()
    for tenant_id in tenants:
        log.warning("the log of %s goes on", tenant_id)
        _record(tenant_id, "ledger.log.resumed", {})
    return bool(tenants)


def _record(tenant_id: uuid.UUID, action: str, data: dict[str, str]) -> None:
    tenant = apps.get_model("tenancy", "Tenant")(pk=tenant_id)
    try:
        with scoped(tenant_id=tenant_id):
            now = database_now()
            ledger.record(actor=SEQUENCER, action=action, target=tenant, at=now, data=data)
    except DatabaseError:  # the others' events must get their positions all the same
        log.exception("%s of %s could not be recorded", action, tenant_id)
