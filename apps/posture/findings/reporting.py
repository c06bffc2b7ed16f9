"""Reporting what a look at an org shows, and settling what a later look no longer shows."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.common.actors import ServiceActor
from apps.crm.models import Connection
from apps.ledger import services as ledger
from apps.posture.findings.kinds import kind_of
from apps.posture.models import Finding

LOOKOUT = ServiceActor("posture")
Window = tuple[datetime | None, datetime | None]
_OVER = frozenset({Finding.State.FIXED, Finding.State.VERIFIED})


@transaction.atomic
def report_finding(
    *,
    kind: str,
    connection: Connection | None,
    subject: str,
    title: str,
    level: str,
    fix: str,
    source: str,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
    window: Window = (None, None),
) -> Finding:
    """Report that something was seen at `now`; the same thing again is the same finding.

    One that was over is reopened, and so is one whose acceptance has ended. `subject` names the
    thing across looks (an app's key, a file and rule) and, like `detail`, holds no personal data
    and no secret. Raises `KeyError` for a kind that nobody declared.
    """
    said = {
        "title": title[:300],
        "level": level,
        "fix": fix[:400],
        "source": source,
        "detail": dict(detail or {}),
        "last_seen_at": now,
        "observed_from": window[0],
        "observed_until": window[1],
    }
    found, is_new = Finding.objects.select_for_update(of=("self",)).get_or_create(
        connection=connection,
        kind=kind_of(kind).code,
        subject=subject[:255],
        defaults={**said, "first_seen_at": now},
    )
    if is_new:
        _record(found, "posture.finding.opened", now)
        return found
    for name, value in said.items():
        setattr(found, name, value)
    if _is_back(found, now):
        found.state, found.fixed_at, found.accepted_until = Finding.State.REOPENED, None, None
        _record(found, "posture.finding.reopened", now)
    found.save()
    return found


@transaction.atomic
def settle_absent(
    *,
    source: str,
    connection: Connection | None,
    seen: Collection[tuple[str, str]],
    now: datetime,
    kinds: Collection[str] | None = None,
    read_at: datetime | None = None,
) -> int:
    """After a COMPLETE look: what it no longer shows is fixed, and verified if it was said fixed.

    `seen` holds (kind, subject) of everything this look reported; `kinds` narrows what the look
    could have shown; what was said fixed after `read_at` (when the look was taken, if that is not
    now) waits for a later one. Never call it after a look that missed something. How many.
    """
    rows = Finding.objects.select_for_update(of=("self",)).filter(
        source=source, connection=connection
    )
    if kinds is not None:
        rows = rows.filter(kind__in=kinds)
    settled = 0
    for found in rows.exclude(state=Finding.State.VERIFIED):
        if (found.kind, found.subject) in seen or is_older(read_at, found):
            continue
        was_fixed = found.state == Finding.State.FIXED
        found.state = Finding.State.VERIFIED if was_fixed else Finding.State.FIXED
        found.fixed_at = found.fixed_at or now
        found.save(update_fields=["state", "fixed_at"])
        action = "posture.finding.verified" if was_fixed else "posture.finding.gone"
        _record(found, action, now)
        settled += 1
    return settled


def is_older(read_at: datetime | None, found: Finding) -> bool:
    """Whether a look taken at `read_at` came before the finding was said fixed."""
    return read_at is not None and found.fixed_at is not None and found.fixed_at >= read_at


def _is_back(found: Finding, now: datetime) -> bool:
    if found.state == Finding.State.ACCEPTED:
        return found.accepted_until is None or found.accepted_until < now.date()
    return found.state in _OVER


def _record(found: Finding, action: str, now: datetime) -> None:
    ledger.record(
        actor=LOOKOUT,
        action=action,
        target=found,
        at=now,
        data={"kind": found.kind, "subject": found.subject, "level": found.level},
    )
