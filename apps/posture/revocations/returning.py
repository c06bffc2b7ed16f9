"""Access that was ended and that a later snapshot shows again."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.crm.models import Snapshot, SnapshotAssignment, SnapshotToken
from apps.ledger import services as ledger
from apps.posture.findings.reporting import LOOKOUT
from apps.posture.models import Revocation, RevokedGrant
from apps.posture.revocations.planning import assignment_digest

State = RevokedGrant.State
WAS_GONE = (State.GONE, State.MISSING)


@dataclass(frozen=True, slots=True)
class Returned:
    """What one target holds again, although its access was ended."""

    revocation: Revocation
    tokens: int
    assignments: int


def find_returned(snapshot: Snapshot) -> list[Returned]:
    """Per target, what the snapshot shows beyond what its last revocation could not or would not
    end. Only revocations that ended before the snapshot was taken count."""
    found = []
    for revocation in _last_of_each_target(snapshot):
        tokens = _new_tokens(snapshot, revocation).count()
        assignments = _new_assignments(snapshot, revocation).count()
        if tokens or assignments:
            found.append(Returned(revocation, tokens, assignments))
    return found


def mark_returned(found: Returned, snapshot: Snapshot, *, now: datetime) -> int:
    """Note at each ended grant that the same access is there again; the number newly marked.

    Call it inside a transaction: the entry in the ledger goes with it.
    """
    revocation = found.revocation
    user, target = OuterRef("subject_ref"), OuterRef("target_ref")
    tokens = _new_tokens(snapshot, revocation).filter(user_id=user, app_name=target)
    given = _new_assignments(snapshot, revocation).filter(account__org_user_id=user)
    given = given.filter(Q(via_group_id=target) | Q(via_group_id="", permission_set_id=target))
    again = Q(Exists(tokens), kind=RevokedGrant.Kind.TOKEN)
    again |= Q(Exists(given), kind=RevokedGrant.Kind.ASSIGNMENT)
    rows = RevokedGrant.objects.filter(again, revocation=revocation, state__in=WAS_GONE)
    marked: int = rows.update(
        state=State.REAPPEARED,
        words=f"The snapshot of {snapshot.taken_at:%Y-%m-%d %H:%M} UTC shows this access again.",
    )
    if marked:
        ledger.record(
            actor=LOOKOUT,
            action="posture.revocation.undone",
            target=revocation,
            at=now,
            data={
                "connection": str(snapshot.connection_id),
                "snapshot": str(snapshot.pk),
                "grants": marked,
            },
        )
    return marked


def _last_of_each_target(snapshot: Snapshot) -> QuerySet[Revocation]:
    rows = Revocation.objects.filter(
        connection=snapshot.connection_id, ended_at__lt=snapshot.taken_at
    )
    return rows.order_by("of", "target_ref", "-ended_at").distinct("of", "target_ref")


def _new_tokens(snapshot: Snapshot, revocation: Revocation) -> QuerySet[SnapshotToken]:
    """Tokens of the target that were not there before, or that are proven to have been gone."""
    own = {"user_id": revocation.target_ref}
    if revocation.of == Revocation.Of.APP:
        own = {"app_name": revocation.target_ref}
    before = SnapshotToken.objects.filter(snapshot=revocation.snapshot_id, **own)
    known = before.values("token_digest")
    gone = _gone(revocation).values("digest")
    rows = SnapshotToken.objects.filter(snapshot=snapshot, **own)
    return rows.filter(Q(token_digest__in=gone) | ~Q(token_digest__in=known))


def _new_assignments(snapshot: Snapshot, revocation: Revocation) -> QuerySet[SnapshotAssignment]:
    """Assignments of an account that were not there before, or that were proven gone."""
    rows = SnapshotAssignment.objects.filter(snapshot=snapshot, owned_by_profile=False)
    if revocation.of == Revocation.Of.APP:
        return rows.none()
    rows = rows.filter(account__org_user_id=revocation.target_ref)
    before = SnapshotAssignment.objects.filter(snapshot=revocation.snapshot_id)
    gone = set(_gone(revocation).values_list("digest", flat=True))
    back = [each for each in rows if assignment_digest(each.assignment_id) in gone]
    known = before.values("assignment_id")
    return rows.filter(Q(pk__in=[each.pk for each in back]) | ~Q(assignment_id__in=known))


def _gone(revocation: Revocation) -> QuerySet[RevokedGrant]:
    ended = [*WAS_GONE, State.REAPPEARED]
    return RevokedGrant.objects.filter(revocation=revocation, state__in=ended)
