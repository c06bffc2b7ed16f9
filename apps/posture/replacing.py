"""A baseline in the place of another, once two people agreed. Called by what got their consent."""

from datetime import datetime

from django.db import transaction

from apps.accounts.models import User
from apps.common.actors import Actor
from apps.crm.models import SnapshotApp
from apps.ledger import services as ledger
from apps.posture.models import ScopeBaseline
from apps.posture.services import content_hash


@transaction.atomic
def replace_baseline(
    *, actor: Actor, before: ScopeBaseline, app: SnapshotApp, approved_by: User, now: datetime
) -> ScopeBaseline:
    """What the app's snapshot shows becomes its baseline; `approved_by` confirmed it."""
    baseline: ScopeBaseline = ScopeBaseline.objects.create(
        connection=before.connection,
        app_key=before.app_key,
        app_label=app.label,
        scopes=sorted(app.scopes or []),
        content_hash=content_hash(app),
        approved_by=approved_by,
        approved_at=now,
        snapshot=app.snapshot,
        supersedes=before,
    )
    _record(actor, "posture.baseline.replaced", baseline, before, now)
    return baseline


@transaction.atomic
def restore_baseline(
    *, actor: Actor, before: ScopeBaseline, earlier: ScopeBaseline, now: datetime
) -> ScopeBaseline:
    """An earlier baseline again, with its own approval: nobody approved anything new."""
    baseline: ScopeBaseline = ScopeBaseline.objects.create(
        connection=before.connection,
        app_key=before.app_key,
        app_label=earlier.app_label,
        scopes=earlier.scopes,
        content_hash=earlier.content_hash,
        approved_by=earlier.approved_by,
        approved_at=earlier.approved_at,
        snapshot=earlier.snapshot,
        supersedes=before,
    )
    _record(actor, "posture.baseline.restored", baseline, before, now)
    return baseline


def _record(
    actor: Actor, action: str, baseline: ScopeBaseline, before: ScopeBaseline, now: datetime
) -> None:
    ledger.record(
        actor=actor,
        action=action,
        target=baseline,
        at=now,
        data={
            "connection": str(baseline.connection_id),
            "app": baseline.app_key,
            "scopes": baseline.scopes,
            "content_hash": baseline.content_hash,
            "snapshot": str(baseline.snapshot_id),
            "supersedes": str(before.pk),
        },
    )
