"""What revoking an account's or an app's access would end, exactly; and what it would not."""

import hashlib
from dataclasses import dataclass

import rfc8785

from apps.crm.inventory.rows import digest_of
from apps.crm.models import (
    Connection,
    Snapshot,
    SnapshotAccount,
    SnapshotApp,
    SnapshotAssignment,
    SnapshotToken,
)
from apps.posture.models import Revocation, RevokedGrant
from apps.posture.revocations import protection

ID_LENGTH = 15  # the part of a record id that names the record
Kind = RevokedGrant.Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One thing that would end. `handle` ends it and is shown to nobody."""

    kind: str
    subject_ref: str
    target_ref: str
    label: str
    handle: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything of one target. `kept` are pairs of a grant's label and why it stays."""

    snapshot: Snapshot
    of: str
    target_ref: str
    label: str
    grants: tuple[Grant, ...]
    kept: tuple[tuple[str, str], ...]

    @property
    def connection(self) -> Connection:
        return self.snapshot.connection

    @property
    def tokens(self) -> int:
        return sum(each.kind == Kind.TOKEN for each in self.grants)

    @property
    def assignments(self) -> list[Grant]:
        return [each for each in self.grants if each.kind == Kind.ASSIGNMENT]

    @property
    def act_words(self) -> str:
        """What the act does, for its button."""
        parts = [(self.tokens, "token"), (len(self.assignments), "permission set")]
        said = [f"{count:,} {name}{'' if count == 1 else 's'}" for count, name in parts if count]
        return f"End {' and '.join(said)} now"

    @property
    def content_hash(self) -> str:
        """SHA-256 over the org, the target and every grant in canonical form (RFC 8785)."""
        body = {
            "connection": str(self.connection.pk),
            "of": self.of,
            "target": self.target_ref,
            "grants": sorted(each.digest for each in self.grants),
        }
        return hashlib.sha256(rfc8785.dumps(body)).hexdigest()


def plan_for_account(account: SnapshotAccount) -> Plan:
    """All tokens and permission sets of one account, as its snapshot shows them."""
    snapshot = account.snapshot
    accounts = {row.org_user_id: row for row in SnapshotAccount.objects.filter(snapshot=snapshot)}
    grants, kept = [], []

    def sort(grant: Grant, *, by_profile: bool = False) -> None:
        reason = protection.reason(
            connection=snapshot.connection,
            accounts=accounts,
            subject_ref=account.org_user_id,
            subject_name=account.username,
            by_profile=by_profile,
        )
        if reason:
            kept.append((grant.label, reason))
        else:
            grants.append(grant)

    for token in SnapshotToken.objects.filter(snapshot=snapshot, user_id=account.org_user_id):
        sort(_token(token))
    for each in SnapshotAssignment.objects.filter(account=account):
        sort(_assignment(each, account.org_user_id), by_profile=each.owned_by_profile)
    return Plan(
        snapshot=snapshot,
        of=Revocation.Of.ACCOUNT,
        target_ref=account.org_user_id,
        label=account.username or account.org_user_id,
        grants=tuple(grants),
        kept=tuple(kept),
    )


def plan_for_app(app: SnapshotApp) -> Plan:
    """All tokens of one app. Tokens name their app by its label: equal labels share them."""
    snapshot = app.snapshot
    own = SnapshotAccount.objects.filter(snapshot=snapshot)
    console = {
        row.org_user_id
        for row in own
        if row.username.casefold() == snapshot.connection.username.casefold() != ""
    }
    grants, kept = [], []
    for token in SnapshotToken.objects.filter(snapshot=snapshot, app_name=app.label):
        grant = _token(token)
        if token.user_id in console:
            kept.append((grant.label, "The console itself signs in as this account."))
        else:
            grants.append(grant)
    return Plan(
        snapshot=snapshot,
        of=Revocation.Of.APP,
        target_ref=app.label,
        label=app.label,
        grants=tuple(grants),
        kept=tuple(kept),
    )


def assignment_digest(assignment_id: str) -> str:
    """What names an assignment, whether its id came with 15 or 18 characters."""
    return digest_of(assignment_id[:ID_LENGTH])


def _token(token: SnapshotToken) -> Grant:
    return Grant(
        kind=Kind.TOKEN,
        subject_ref=token.user_id,
        target_ref=token.app_name,
        label=f"token of {token.app_name}"[:255],
        handle=token.token_ref,
        digest=token.token_digest,
    )


def _assignment(row: SnapshotAssignment, user_id: str) -> Grant:
    return Grant(
        kind=Kind.ASSIGNMENT,
        subject_ref=user_id,
        target_ref=row.via_group_id or row.permission_set_id,
        label=row.label,
        handle=row.assignment_id,
        digest=assignment_digest(row.assignment_id),
    )
