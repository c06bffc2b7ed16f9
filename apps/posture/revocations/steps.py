"""A revocation step by step. Each step is one short transaction; the org answers in between.

That the org is about to be asked is kept before it is: a worker that dies in the middle leaves a
trace, and whoever goes on knows that a missing grant may be our own doing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from apps.accounts import services as accounts
from apps.accounts.models import FreshFactor, User
from apps.common.errors import Conflict
from apps.common.jobs import enqueue
from apps.crm import selectors as crm
from apps.ledger import services as ledger
from apps.posture import policies
from apps.posture.findings.reporting import LOOKOUT
from apps.posture.models import Revocation, RevokedGrant
from apps.posture.revocations.planning import Plan

DECISION = "posture.revoke_access"
CLAIM_LASTS = timedelta(minutes=5)
BATCH = 25
MOST_CALLS = 4
MOST_ATTEMPTS = 8
PAUSE_SECONDS = 20
OPEN = (Revocation.State.RUNNING, Revocation.State.VERIFYING)
State = RevokedGrant.State


@dataclass(frozen=True, slots=True)
class Call:
    """One grant to end. `was_called` says that an earlier attempt may have reached the org."""

    pk: UUID
    kind: str
    handle: str
    was_called: bool


@transaction.atomic
def begin_revocation(*, actor: User, plan: Plan, factor: FreshFactor, now: datetime) -> Revocation:
    """Keep what is to end and send a worker. The factor was proved for the plan's hash.

    Raises `Denied`, `FactorRefused`, and `Conflict` for a plan that ends nothing, one whose
    snapshot is no longer the newest, or a target that is being revoked already.
    """
    connection = crm.lock_connection_for(actor=actor, connection_id=plan.connection.pk)
    policies.may_revoke(actor, connection).require()
    newest = crm.latest_snapshot(connection)
    if newest is None or newest.pk != plan.snapshot.pk:
        raise Conflict("A newer snapshot exists. Look at what would end there.")
    if not plan.grants:
        raise Conflict("The snapshot shows nothing here that can be revoked.")
    if Revocation.objects.filter(
        connection=connection, of=plan.of, target_ref=plan.target_ref, state__in=OPEN
    ).exists():
        raise Conflict("This access is being revoked already.")
    accounts.spend_factor(
        factor=factor, user=actor, decision=DECISION, subject=plan.content_hash, now=now
    )
    begun: Revocation = Revocation.objects.create(
        connection=connection, snapshot=plan.snapshot, of=plan.of, target_ref=plan.target_ref,
        label=plan.label, content_hash=plan.content_hash, asked_by=actor, asked_at=now,
    )  # fmt: skip
    RevokedGrant.objects.bulk_create(
        [
            RevokedGrant(
                revocation=begun, position=number, kind=each.kind, subject_ref=each.subject_ref,
                target_ref=each.target_ref, label=each.label, handle=each.handle,
                digest=each.digest,
            )
            for number, each in enumerate(plan.grants)
        ],
        500,
    )  # fmt: skip
    data = {
        "connection": str(connection.pk),
        "content_hash": plan.content_hash,
        "tokens": plan.tokens,
        "assignments": len(plan.assignments),
    }
    ledger.record(actor=actor, action="posture.revocation.begun", target=begun, at=now, data=data)
    enqueue("posture.revoke", revocation_id=begun.pk)
    return begun


@transaction.atomic
def claim(*, revocation_id: UUID, now: datetime) -> Revocation | None:
    """Take a revocation for ourselves; None when it is over or another worker has it."""
    found = _locked(revocation_id)
    if found.state not in OPEN or (found.claimed_until and found.claimed_until > now):
        return None
    if found.attempts >= MOST_ATTEMPTS:
        _end(found, Revocation.State.EXCEPTIONS, found.note or "Begun too often.", now=now)
        return None
    found.attempts += 1
    found.claimed_until = now + CLAIM_LASTS
    found.save(update_fields=["attempts", "claimed_until"])
    return found


@transaction.atomic
def next_batch(*, revocation_id: UUID, now: datetime) -> list[Call]:
    """The next grants to end, noted as about to be; empty when none is left. Renews the claim."""
    found = _locked(revocation_id)
    if found.state not in OPEN:
        return []
    waiting = RevokedGrant.objects.filter(revocation=found, state=State.QUEUED)
    waiting.filter(calls__gte=MOST_CALLS).update(state=State.FAILED)
    rows = list(waiting.filter(calls__lt=MOST_CALLS).order_by("calls", "position")[:BATCH])
    calls = [Call(row.pk, row.kind, row.handle, row.called_at is not None) for row in rows]
    touched = RevokedGrant.objects.filter(pk__in=[row.pk for row in rows])
    touched.update(called_at=now, calls=F("calls") + 1)
    found.claimed_until = now + CLAIM_LASTS
    found.state = Revocation.State.RUNNING if rows else Revocation.State.VERIFYING
    found.save(update_fields=["claimed_until", "state"])
    return calls


@transaction.atomic
def note_results(
    *, revocation_id: UUID, results: Mapping[UUID, tuple[str, str]], now: datetime
) -> None:
    """What the org answered, grant by grant: (state, words)."""
    for pk, (state, words) in results.items():
        values: dict[str, object] = {"state": state, "words": words[:400]}
        if state == State.EXECUTED:
            values["executed_at"] = now
        RevokedGrant.objects.filter(pk=pk, revocation_id=revocation_id).update(**values)


@transaction.atomic
def note_reading(
    *, revocation_id: UUID, present: Iterable[str], again: int, requests: list[str], now: datetime
) -> Revocation:
    """What a complete read of the org shows: `present` digests, and grants given `again` since.

    Only this makes grants *gone* and the whole *verified*.
    """
    found = _locked(revocation_id)
    if found.state not in OPEN:
        return found
    grants = RevokedGrant.objects.filter(revocation=found)
    there = grants.filter(digest__in=list(present))
    there.filter(state__in=[State.EXECUTED, State.MISSING], calls__lt=MOST_CALLS).update(
        state=State.QUEUED, executed_at=None, words="The org said yes, but it was still there."
    )
    there.filter(state__in=[State.EXECUTED, State.MISSING]).update(
        state=State.FAILED, words="The org said yes, but it is still there."
    )
    grants.filter(state=State.EXECUTED).update(
        state=State.GONE, verified_at=now, request_ids=requests[-5:]
    )
    if grants.filter(state=State.QUEUED).exists():
        found.state, found.claimed_until = Revocation.State.RUNNING, None
        found.save(update_fields=["state", "claimed_until"])
        enqueue("posture.revoke", countdown=PAUSE_SECONDS, revocation_id=found.pk)
        return found
    failed = grants.filter(state=State.FAILED).count()
    words = [f"{failed} could not be revoked." if failed else ""]
    words.append(f"{again} were given since the snapshot and still stand." if again else "")
    note = " ".join(each for each in words if each)
    state = Revocation.State.EXCEPTIONS if note else Revocation.State.VERIFIED
    _end(found, state, note, now=now, again=again, failed=failed)
    return found


@transaction.atomic
def note_trouble(*, revocation_id: UUID, words: str, retryable: bool, now: datetime) -> None:
    """The org or the read failed: again later, or ended with that as the exception."""
    found = _locked(revocation_id)
    if found.state not in OPEN:
        return
    found.note, found.claimed_until = words[:400], None
    found.save(update_fields=["note", "claimed_until"])
    if retryable and found.attempts < MOST_ATTEMPTS:
        wait = PAUSE_SECONDS * found.attempts
        enqueue("posture.revoke", countdown=wait, revocation_id=found.pk)
        return
    _end(found, Revocation.State.EXCEPTIONS, words, now=now)


@transaction.atomic
def requeue_lost(*, now: datetime) -> int:
    """Send revocations again whose worker went silent; the number."""
    silent = Q(claimed_until__lt=now) | Q(claimed_until=None, asked_at__lt=now - 2 * CLAIM_LASTS)
    rows = list(Revocation.objects.filter(silent, state__in=OPEN))
    for row in rows:
        enqueue("posture.revoke", revocation_id=row.pk)
    return len(rows)


def _locked(revocation_id: UUID) -> Revocation:
    found: Revocation = (
        Revocation.objects.select_for_update(of=("self",))
        .select_related("connection")
        .get(pk=revocation_id)
    )
    return found


def _end(found: Revocation, state: str, note: str, *, now: datetime, **counts: int) -> None:
    found.state, found.note, found.ended_at = state, note[:400], now
    found.claimed_until = None
    found.save(update_fields=["state", "note", "ended_at", "claimed_until"])
    is_verified = state == Revocation.State.VERIFIED
    action = "posture.revocation.verified" if is_verified else "posture.revocation.incomplete"
    ledger.record(
        actor=LOOKOUT,
        action=action,
        target=found,
        at=now,
        data={"connection": str(found.connection_id), **counts},
    )
