"""Approving an app's scopes."""

import hashlib
from datetime import datetime

import rfc8785
from django.db import transaction

from apps.accounts import services as accounts
from apps.accounts.models import FreshFactor, User
from apps.common.errors import Conflict
from apps.crm import selectors as crm
from apps.crm.models import SnapshotApp
from apps.ledger import services as ledger
from apps.ledger.models import Event
from apps.posture import policies, selectors
from apps.posture.models import ScopeBaseline

DECISION = "posture.approve_baseline"


def content_hash(app: SnapshotApp) -> str:
    """What an approval confirms: SHA-256 over org, app and scopes in canonical form (RFC 8785)."""
    body = {
        "connection": str(app.snapshot.connection_id),
        "app": app.app_key,
        "scopes": sorted(app.scopes or []),
    }
    return hashlib.sha256(rfc8785.dumps(body)).hexdigest()


@transaction.atomic
def approve_baseline(
    *, actor: User, app: SnapshotApp, factor: FreshFactor, now: datetime
) -> tuple[ScopeBaseline, Event]:
    """Approve the scopes that the latest snapshot shows, for an app that has no baseline yet.

    The factor must have been proved for `DECISION` and `content_hash(app)`. Raises `Denied`,
    `FactorRefused`, `Conflict`.
    """
    connection = crm.lock_connection_for(actor=actor, connection_id=app.snapshot.connection_id)
    policies.may_approve_baseline(actor, app).require()
    confirmed = content_hash(app)
    accounts.spend_factor(factor=factor, user=actor, decision=DECISION, subject=confirmed, now=now)
    before = selectors.current_baselines(connection).get(app.app_key)
    if before is not None and before.content_hash == confirmed:
        raise Conflict("These scopes are the baseline already.")
    policies.is_first(before).require()
    baseline: ScopeBaseline = ScopeBaseline.objects.create(
        connection=connection,
        app_key=app.app_key,
        app_label=app.label,
        scopes=sorted(app.scopes or []),
        content_hash=confirmed,
        approved_by=actor,
        approved_at=now,
        snapshot=app.snapshot,
    )
    event = ledger.record(
        actor=actor,
        action="posture.baseline.approved",
        target=baseline,
        at=now,
        data={
            "connection": str(connection.pk),
            "app": app.app_key,
            "scopes": baseline.scopes,
            "content_hash": confirmed,
            "snapshot": str(app.snapshot_id),
            "supersedes": None,
        },
    )
    return baseline, event
