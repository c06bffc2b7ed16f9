"""Comparisons go with the event logs that they were made of: they name calls, users and apps.

Kept for as many days as event logs are, and all of them under a legal hold. The newest of an org
stays: it is what the page shows, and what the next look goes on from.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from apps.crm.eventlogs.retention import days_kept, is_held
from apps.ledger import services as ledger
from apps.posture.findings.reporting import LOOKOUT
from apps.posture.models import LogComparison

BATCH = 1_000  # comparisons of an org in one round; the sweep comes every minute


@transaction.atomic
def drop_old_comparisons(*, now: datetime) -> int:
    """Remove comparisons of the open tenant that were kept for long enough; how many went."""
    if is_held():
        return 0
    days = days_kept()
    newest = {
        row["connection"]: row["newest"]
        for row in LogComparison.objects.order_by()
        .values("connection")
        .annotate(newest=Max("looked_at"))
    }
    before = now - timedelta(days=days)
    gone = sum(_drop(connection, min(before, at), days, now) for connection, at in newest.items())
    if is_held():  # placed meanwhile
        transaction.set_rollback(True)
        return 0
    return gone


def _drop(connection: UUID, before: datetime, days: int, now: datetime) -> int:
    old = LogComparison.objects.filter(connection=connection, looked_at__lt=before)
    rows = list(old.order_by("looked_at").select_for_update(skip_locked=True, of=("self",))[:BATCH])
    if not rows:
        return 0
    ledger.record(
        actor=LOOKOUT,
        action="posture.log_comparison.dropped",
        target=rows[0].connection,
        at=now,
        data={
            "comparisons": len(rows),
            "days": days,
            "from": rows[0].looked_at.isoformat(),
            "until": rows[-1].looked_at.isoformat(),
            "unrecorded": sum(row.unrecorded_count for row in rows),
            "unseen": sum(row.unseen_count for row in rows),
        },
    )
    LogComparison.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)
