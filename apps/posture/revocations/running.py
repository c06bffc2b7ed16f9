"""A worker's part of a revocation. No transaction is open while the org answers."""

from uuid import UUID

from apps.common.clock import database_now
from apps.common.errors import DomainError, Outside
from apps.common.scope import scoped
from apps.crm import grants
from apps.crm.client.soql import checked_id, is_id, quoted
from apps.crm.errors import CrmError, RecordMissing
from apps.crm.inventory.reading import STOPS, Source, read_all
from apps.crm.inventory.rows import digest_of
from apps.crm.inventory.sight import require_sight
from apps.crm.inventory.tokens import read_tokens
from apps.crm.models import SnapshotToken
from apps.crm.session import Org, open_org
from apps.posture.models import Revocation, RevokedGrant
from apps.posture.revocations import steps
from apps.posture.revocations.planning import assignment_digest

State = RevokedGrant.State
Result = tuple[str, str]  # a grant's state and why, in words
_ACCEPTED: Result = (State.EXECUTED, "The org accepted it; a read will prove it.")
_ASSIGNMENT_FIELDS = ("Id", "PermissionSet.IsOwnedByProfile")


class ReadTooShort(Outside):
    """The org listed fewer rows than it counts: the read proves nothing."""

    code = "read_incomplete"
    retryable = True


def run_revocation(*, tenant_id: UUID, revocation_id: UUID) -> None:
    """End every grant that is left, then read the org again. Safe to run twice."""
    with scoped(tenant_id=tenant_id):
        claimed = steps.claim(revocation_id=revocation_id, now=database_now())
    if claimed is None:
        return
    try:
        with open_org(tenant_id=tenant_id, connection_id=claimed.connection_id) as org:
            _end_all(tenant_id, org, revocation_id)
            _prove(tenant_id, org, claimed)
    except DomainError as error:
        retryable = isinstance(error, Outside) and error.retryable
        with scoped(tenant_id=tenant_id):
            steps.note_trouble(
                revocation_id=revocation_id,
                words=error.message,
                retryable=retryable,
                now=database_now(),
            )


def _end_all(tenant_id: UUID, org: Org, revocation_id: UUID) -> None:
    while True:
        with scoped(tenant_id=tenant_id):
            batch = steps.next_batch(revocation_id=revocation_id, now=database_now())
        if not batch:
            return
        results: dict[UUID, Result] = {}
        try:
            for call in batch:
                if call.kind == RevokedGrant.Kind.TOKEN:
                    results[call.pk] = _end_token(org, call)
            _end_assignments(org, batch, results)
        finally:
            with scoped(tenant_id=tenant_id):
                steps.note_results(revocation_id=revocation_id, results=results, now=database_now())


def _end_token(org: Org, call: steps.Call) -> Result:
    """The token's state after asking; raises what would stop every other call as well."""
    try:
        grants.end_token(org, call.handle)
    except STOPS:
        raise
    except CrmError as error:
        return _refused(call, error)
    return _ACCEPTED


def _end_assignments(org: Org, batch: list[steps.Call], results: dict[UUID, Result]) -> None:
    """Ask for all assignments of the batch by one request, and add what became of each."""
    calls = [call for call in batch if call.kind == RevokedGrant.Kind.ASSIGNMENT]
    usable = [call for call in calls if is_id(call.handle)]
    unusable = State.FAILED, "The snapshot holds an id that no record can have."
    results |= {call.pk: unusable for call in calls if call not in usable}
    if not usable:
        return
    try:
        told = grants.end_assignments(org, [call.handle for call in usable])
    except STOPS:
        raise
    except CrmError as error:  # of the request, so of every one in it
        results |= {call.pk: _refused(call, error) for call in usable}
        return
    for call, each in zip(usable, told, strict=True):
        results[call.pk] = _refused(call, each.error) if each.error else _ACCEPTED


def _refused(call: steps.Call, error: CrmError) -> Result:
    if not isinstance(error, RecordMissing):
        return (State.QUEUED if error.retryable else State.FAILED), error.message
    if call.was_called:
        return State.EXECUTED, "It was gone when we asked a second time."
    return State.MISSING, "It was gone before anything was done."


def _prove(tenant_id: UUID, org: Org, claimed: Revocation) -> None:
    """Read what the target holds now, in full, and keep what that shows."""
    present = _tokens_now(org, claimed)
    if claimed.of == Revocation.Of.ACCOUNT:
        present |= _assignments_now(org, claimed)
    with scoped(tenant_id=tenant_id):
        ours = set(RevokedGrant.objects.filter(revocation=claimed).values_list("digest", flat=True))
        kept = SnapshotToken.objects.filter(
            snapshot_id=claimed.snapshot_id, token_digest__in=present
        ).values_list("token_digest", flat=True)
        steps.note_reading(
            revocation_id=claimed.pk,
            present=present,
            again=len(present - ours - set(kept)),
            requests=list(org.request_ids),
            now=database_now(),
        )


def _tokens_now(org: Org, claimed: Revocation) -> set[str]:
    require_sight(org)
    source = Source("OauthToken", "OAuth tokens")
    read_tokens(org, source)
    _require_all(source)
    key = "UserId" if claimed.of == Revocation.Of.ACCOUNT else "AppName"
    return {
        digest_of(str(row["DeleteToken"]))
        for row in source.rows
        if str(row.get(key)) == claimed.target_ref
    }


def _assignments_now(org: Org, claimed: Revocation) -> set[str]:
    """Assignments of the account; those that come with its profile are nobody's to revoke."""
    source = Source(grants.ASSIGNMENT, "Permission set assignments")
    where = f"AssigneeId = {quoted(checked_id(claimed.target_ref))}"
    read_all(org, source, fields=_ASSIGNMENT_FIELDS, where=where)
    _require_all(source)
    return {
        assignment_digest(str(row["Id"]))
        for row in source.rows
        if not (row.get("PermissionSet") or {}).get("IsOwnedByProfile")
    }


def _require_all(source: Source) -> None:
    if source.state != "complete":
        raise ReadTooShort(source.error or "The org did not list everything.")
