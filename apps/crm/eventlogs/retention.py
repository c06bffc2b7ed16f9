"""For how long event logs are kept, and removing what was kept for long enough.

Rows and sealed contents go; each file's line stays with its hash, so that it can be told later
what was here. A legal hold of the ledger keeps the event logs too.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from apps.common.actors import Actor
from apps.common.clock import database_now
from apps.common.errors import Invalid
from apps.common.scope import scoped
from apps.crm import policies
from apps.crm.broker import BROKER
from apps.crm.eventlogs.models import LONGEST_DAYS, SHORTEST_DAYS, USUAL_DAYS
from apps.crm.models import LogFile, LogPiece, LogPolicy, LogRow, LogWatch
from apps.ledger import retention as holds
from apps.ledger import services as ledger

BATCH = 50  # files in one transaction


@dataclass(frozen=True, slots=True)
class Dropped:
    """What one round removed."""

    files: int = 0
    rows: int = 0

    def __add__(self, other: "Dropped") -> "Dropped":
        return Dropped(self.files + other.files, self.rows + other.rows)


def days_kept() -> int:
    """For how many days the open tenant keeps event logs."""
    policy = LogPolicy.objects.first()
    return policy.keep_days if policy else USUAL_DAYS


def is_held() -> bool:
    """Whether a legal hold keeps everything."""
    return bool(holds.open_holds())


def due_files(*, now: datetime, days: int | None = None) -> QuerySet[LogFile]:
    """Files of the open tenant that were kept for long enough, counted from the time they are
    about; for another number of days than the tenant's, those that would be."""
    before = now - timedelta(days=days_kept() if days is None else days)
    return LogFile.objects.filter(ends_at__lt=before, dropped_at__isnull=True)


@transaction.atomic
def change_days(*, actor: Actor, days: int, now: datetime) -> LogPolicy:
    """Keep event logs for another number of days. Raises `Denied`, `Invalid`.

    Never fewer than thirty: a volume is compared with the four weeks before it.
    """
    policies.may_keep_logs(actor).require()
    require_days(days)
    before = days_kept()
    policy: LogPolicy
    policy, _ = LogPolicy.objects.update_or_create(defaults={"keep_days": days})
    data = {"before": before, "days": days}
    ledger.record(
        actor=actor, action="crm.event_log.keeping_changed", target=policy, at=now, data=data
    )
    return policy


def require_days(days: int) -> None:
    """Raise `Invalid` for a number of days that nobody may choose."""
    if not SHORTEST_DAYS <= days <= LONGEST_DAYS:
        words = f"Choose between {SHORTEST_DAYS} and {LONGEST_DAYS:,} days."
        raise Invalid(words, field="days")


def drop_due(*, tenant_id: UUID) -> Dropped:
    """Remove everything of a tenant that is due, some files at a time; nothing under a hold.

    Call it with no scope open: a killed worker's successor goes on with the next files.
    """
    done = Dropped()
    while True:
        with scoped(tenant_id=tenant_id):
            dropped = _drop_some(now=database_now())
        if not dropped.files:
            return done
        done += dropped


def _drop_some(*, now: datetime) -> Dropped:
    if is_held():
        return Dropped()
    due = due_files(now=now).select_for_update(of=("self",), skip_locked=True)
    by_org: dict[UUID, list[LogFile]] = defaultdict(list)
    for file in due.order_by("ends_at", "id")[:BATCH]:
        by_org[file.connection_id].append(file)
    dropped = sum((_drop(org, files, now) for org, files in by_org.items()), Dropped())
    if is_held():  # placed meanwhile
        transaction.set_rollback(True)
        return Dropped()
    return dropped


def _drop(connection_id: UUID, files: Sequence[LogFile], now: datetime) -> Dropped:
    rows, _ = LogRow.objects.filter(file__in=files).delete()
    LogPiece.objects.filter(file__in=files).delete()
    LogFile.objects.filter(pk__in=[file.pk for file in files]).update(dropped_at=now)
    watch, _ = LogWatch.objects.get_or_create(connection_id=connection_id)
    ledger.record(
        actor=BROKER,
        action="crm.event_log.dropped",
        target=watch,
        at=now,
        data={
            "connection": str(connection_id),
            "days": days_kept(),
            "files": len(files),
            "rows": rows,
            "bytes": sum(file.size_bytes for file in files),
            "from": min(file.starts_at for file in files).isoformat(),
            "until": max(file.ends_at for file in files).isoformat(),
            "sha256": digest_of(files),
        },
    )
    return Dropped(len(files), rows)


def digest_of(files: Sequence[LogFile]) -> str:
    """SHA-256 over the hashes of files as `<id> <sha256>` lines in the order of their ids.

    Anyone with the lines of the files, which stay, can tell which ones an entry is about.
    """
    lines = sorted(f"{file.pk} {file.sha256}\n" for file in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()
