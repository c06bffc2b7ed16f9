"""Checking a tenant's log on schedule or on demand, and remembering the result."""

from datetime import datetime, timedelta

from django.db import transaction

from apps.common.actors import Actor
from apps.common.clock import database_now
from apps.common.jobs import enqueue
from apps.ledger import services, signing
from apps.ledger.checking import Outcome, check
from apps.ledger.export.database import verifiers_of
from apps.ledger.models import Checkpoint, PruneMark, Verification

FULL_EVERY = timedelta(days=7)
SHOWN = 50


def verify_log(*, actor: Actor, full: bool = False) -> Verification | None:
    """Check the open tenant's log and record what was found; nothing while nothing is signed.

    Reads on from what the last good check held, or all of it when `full`, when the last check
    found damage, or when the last full one is a week old.
    """
    newest = Checkpoint.objects.order_by("-size").first()
    if newest is None:
        return None
    started_at = database_now()
    start = 0 if full else _start(now=started_at)
    outcome = check(
        newest,
        verifiers=verifiers_of(newest, signing.checkpoint_keys()),
        start=start,
        pruned_below=pruned_below(),
        seen=_last_good(),
    )
    return _keep(actor, newest, outcome, started_at)


def request_verification() -> None:
    """Have the open tenant's whole log checked once the transaction commits."""
    enqueue("ledger.verify_log", full=1)


def pruned_below() -> int:
    """The position below which entries may be gone by rule."""
    mark = PruneMark.objects.order_by("-below").first()
    return mark.below if mark else 0


def newest_size() -> int:
    """How many entries the newest checkpoint of the open tenant signs."""
    sizes = Checkpoint.objects.order_by("-size").values_list("size", flat=True)
    return sizes.first() or 0


def last_verification() -> Verification | None:
    """The newest check of the open tenant's log."""
    return Verification.objects.order_by("-started_at", "-id").first()


def list_verifications() -> list[Verification]:
    """The newest fifty checks, newest first."""
    return list(Verification.objects.order_by("-started_at", "-id")[:SHOWN])


def _start(*, now: datetime) -> int:
    last = last_verification()
    recent = Verification.objects.filter(
        began_with=0, code=0, started_at__gt=now - FULL_EVERY
    ).exists()
    return last.size if last and last.is_good and recent else 0


def _last_good() -> tuple[int, bytes] | None:
    good = Verification.objects.filter(code=0).order_by("-started_at", "-id").first()
    return (good.size, bytes(good.root)) if good else None


@transaction.atomic
def _keep(actor: Actor, newest: Checkpoint, outcome: Outcome, started_at: datetime) -> Verification:
    kept = Verification.objects.create(
        started_at=started_at,
        finished_at=database_now(),
        actor=actor.actor_ref,
        began_with=outcome.began_with,
        size=newest.size,
        root=bytes(newest.root),
        code=outcome.code,
        findings=[each.words for each in outcome.findings],
        proved=outcome.proved,
        not_proved=outcome.not_proved,
    )
    good = kept.is_good
    services.record(
        actor=actor,
        action="ledger.log.verified" if good else "ledger.log.failed_verification",
        target=kept,
        at=kept.finished_at,
        data={"size": kept.size, "began_with": kept.began_with, "code": kept.code},
    )
    return kept
