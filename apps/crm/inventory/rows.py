"""From what an org said to the rows of a snapshot, and their content hash."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

import rfc8785
from django.utils.dateparse import parse_datetime

from apps.crm.inventory import connected, names
from apps.crm.inventory.packed import Record, Rows
from apps.crm.inventory.read import INTEGRATION_LICENCE, INTEGRATION_PROFILE, Inventory
from apps.crm.models import (
    Snapshot,
    SnapshotAccount,
    SnapshotApp,
    SnapshotAssignment,
    SnapshotToken,
)

ROWS_PER_INSERT = 500


@dataclass
class Use:
    """How many tokens an app's label has, and when one of them was used last."""

    tokens: int = 0
    last_at: datetime | None = None


@dataclass
class SnapshotRows:
    """The rows of one snapshot, not yet written; tokens are made as they are written."""

    apps: list[SnapshotApp]
    tokens: Iterator[SnapshotToken]
    accounts: list[SnapshotAccount]
    assignments: list[SnapshotAssignment]
    uses: dict[str, Use] = field(default_factory=dict)

    def write(self) -> None:
        """Insert them all, inside the caller's transaction."""
        while some := list(islice(self.tokens, ROWS_PER_INSERT)):
            SnapshotToken.objects.bulk_create(some)
            self._count_uses(some)
        for app in self.apps:
            use = self.uses.get(app.label, Use())
            app.token_count, app.last_used_at = use.tokens, use.last_at
        SnapshotApp.objects.bulk_create(self.apps, ROWS_PER_INSERT)
        SnapshotAccount.objects.bulk_create(self.accounts, ROWS_PER_INSERT)
        SnapshotAssignment.objects.bulk_create(self.assignments, ROWS_PER_INSERT)

    def _count_uses(self, tokens: list[SnapshotToken]) -> None:
        """Tokens name their app by its label only; equal labels share what is counted."""
        for token in tokens:
            use = self.uses.setdefault(token.app_name, Use())
            use.tokens += 1
            if token.last_used_at and (use.last_at is None or token.last_used_at > use.last_at):
                use.last_at = token.last_used_at


def rows_of(found: Inventory, snapshot: Snapshot) -> SnapshotRows:
    """The rows that an inventory comes to."""
    accounts = {row["Id"]: _account(row, snapshot) for row in found["User"].rows}
    tokens = (_token(row, snapshot, accounts) for row in found["OauthToken"].rows)
    apps = [_connected(row, snapshot, found) for row in found["ConnectedApplication"].rows]
    apps += _external_apps(found, snapshot)
    assignments = _Assigning(found, snapshot, accounts).rows()
    return SnapshotRows(apps, tokens, list(accounts.values()), assignments)


def content_hash(found: Inventory) -> str:
    """SHA-256 over the canonical form (RFC 8785) of everything that was read, order aside.

    Each record enters by its own digest, sorted; handles of tokens as digests, as the rows keep
    them.
    """
    digest = hashlib.sha256()
    for name, source in sorted(found.sources.items()):
        lines = sorted(
            hashlib.sha256(rfc8785.dumps(_canonical(row))).digest() for row in source.rows
        )
        digest.update(rfc8785.dumps({"source": name, "state": source.state, "rows": len(lines)}))
        for line in lines:
            digest.update(line)
    for kept in (found.app_metadata, found.muting):
        digest.update(rfc8785.dumps({key: _canonical(row) for key, row in kept.items()}))
    return digest.hexdigest()


def digest_of(handle: str) -> str:
    """What names a token across snapshots without being able to end it."""
    return hashlib.sha256(handle.encode()).hexdigest()


def _digest(row: Record) -> bytes:
    return hashlib.sha256(rfc8785.dumps(_canonical(row))).digest()


def _canonical(row: Record) -> dict[str, Any]:
    kept = {key: value for key, value in row.items() if key != "attributes"}
    for key, value in kept.items():
        if isinstance(value, dict):
            kept[key] = _canonical(value)
    if "DeleteToken" in kept:
        kept["DeleteToken"] = digest_of(str(kept["DeleteToken"]))
    return kept


def _connected(row: Record, snapshot: Snapshot, found: Inventory) -> SnapshotApp:
    """An app's record, and what its metadata tells besides: scopes, addresses, lifetimes."""
    admin_only = row.get("OptionsAllowAdminApprovedUsersOnly")
    period = row.get("RefreshTokenValidityPeriod")
    metadata = found.app_metadata.get(row["Id"], {})
    by_record = f"period {period}" if period is not None else ""
    return SnapshotApp(
        snapshot=snapshot,
        kind=SnapshotApp.Kind.CONNECTED_APP,
        developer_name=_text(row.get("Name")),
        label=_text(row.get("Name")),
        org_app_id=row["Id"],
        scopes=connected.scopes_in(metadata),
        permitted_users="admin approved users" if admin_only else "all users may self-authorise",
        refresh_policy=connected.refresh_in(metadata) or by_record,
        ip_relaxation=connected.relaxation_in(metadata),
    )


def _external_apps(found: Inventory, snapshot: Snapshot) -> list[SnapshotApp]:
    settings = _by_app(found["ExtlClntAppOauthSettings"].rows)
    policies = _by_app(found["ExtlClntAppOauthPlcyCnfg"].rows)
    readable = found["ExtlClntAppOauthSettings"].state == "complete"
    return [
        _external(
            row,
            snapshot,
            settings=settings.get(row["Id"]) if readable else None,
            policy=policies.get(row["Id"], {}),
            flags=found.scope_flags,
        )
        for row in found["ExternalClientApplication"].rows
    ]


def _external(
    row: Record,
    snapshot: Snapshot,
    *,
    settings: Record | None,
    policy: Record,
    flags: list[str],
) -> SnapshotApp:
    users = policy.get("PermittedUsersPolicyType")
    words = {
        "AdminApprovedPreAuthorized": "admin approved users",
        "AllSelfAuthorized": "all users may self-authorise",
    }
    return SnapshotApp(
        snapshot=snapshot,
        kind=SnapshotApp.Kind.EXTERNAL_CLIENT_APP,
        developer_name=_text(row.get("DeveloperName")),
        label=_text(row.get("MasterLabel") or row.get("DeveloperName")),
        org_app_id=row["Id"],
        scopes=names.scopes_of(settings, flags) if settings is not None else None,
        permitted_users=words.get(str(users), _text(users)[:60]),
        refresh_policy=_refresh_policy(policy),
        ip_relaxation=_text(policy.get("IpRelaxationPolicyType"))[:60],
        client_credentials=policy.get("IsClientCredentialsFlowEnabled"),
    )


def _refresh_policy(policy: Record) -> str:
    kind = _text(policy.get("RefreshTokenPolicyType"))
    period, unit = policy.get("RefreshTokenValidityPeriod"), policy.get("RefreshTokenValidityUnit")
    return f"{kind}: {period} {str(unit or '').lower()}"[:120] if period else kind[:120]


def _by_app(rows: Rows) -> dict[str, Record]:
    return {str(row.get("ExternalClientApplicationId")): row for row in rows}


def _token(row: Record, snapshot: Snapshot, accounts: dict[str, SnapshotAccount]) -> SnapshotToken:
    holder = accounts.get(str(row.get("UserId")))
    handle = str(row["DeleteToken"])
    return SnapshotToken(
        snapshot=snapshot,
        token_ref=handle,
        token_digest=digest_of(handle),
        app_name=_text(row.get("AppName")),
        user_id=_text(row.get("UserId"))[:18],
        username=holder.username if holder else "",
        use_count=row.get("UseCount"),
        last_used_at=_instant(row.get("LastUsedDate")),
        created_at=_instant(row.get("CreatedDate")),
    )


def _account(row: Record, snapshot: Snapshot) -> SnapshotAccount:
    profile = row.get("Profile") or {}
    licence = _text((profile.get("UserLicense") or {}).get("Name"))
    name = _text(profile.get("Name"))
    return SnapshotAccount(
        snapshot=snapshot,
        org_user_id=row["Id"],
        username=_text(row.get("Username")),
        name=_text(row.get("Name")),
        is_integration=licence == INTEGRATION_LICENCE or name == INTEGRATION_PROFILE,
        is_active=bool(row.get("IsActive")),
        licence=licence,
        profile=name,
        last_login_at=_instant(row.get("LastLoginDate")),
    )


class _Assigning:
    """Assignments with the permission sets behind them; a group counts all its members."""

    def __init__(
        self, found: Inventory, snapshot: Snapshot, accounts: dict[str, SnapshotAccount]
    ) -> None:
        self.found, self.snapshot, self.accounts = found, snapshot, accounts
        self.sets = {row["Id"]: row for row in found["PermissionSet"].rows}
        self.members: dict[str, list[str]] = {}
        for row in found["PermissionSetGroupComponent"].rows:
            group = self.members.setdefault(str(row["PermissionSetGroupId"]), [])
            group.append(str(row["PermissionSetId"]))

    def rows(self) -> list[SnapshotAssignment]:
        """The assignments in force."""
        return [
            self._row(row)
            for row in self.found["PermissionSetAssignment"].rows
            if not row.get("IsRevoked") and row.get("IsActive") is not False
        ]

    def _row(self, row: Record) -> SnapshotAssignment:
        set_id, group_id = _text(row.get("PermissionSetId")), _text(row.get("PermissionSetGroupId"))
        held = self.sets.get(set_id, {})
        group = row.get("PermissionSetGroup") or {}
        name = group.get("DeveloperName") if group_id else held.get("Name")
        label = group.get("MasterLabel") if group_id else held.get("Label")
        account, by_profile = (
            self.accounts[str(row["AssigneeId"])],
            bool(held.get("IsOwnedByProfile")),
        )
        if by_profile:  # its set is labelled with an id
            label = account.profile or label
        return SnapshotAssignment(
            snapshot=self.snapshot,
            account=account,
            assignment_id=row["Id"],
            permission_set_id=set_id,
            permission_set_name=_text(name or set_id or group_id),
            label=_text(label or name or set_id or group_id),
            via_group_id=group_id,
            owned_by_profile=by_profile,
            dangerous=self._dangerous(set_id, group_id),
            expires_at=_instant(row.get("ExpirationDate")),
        )

    def _dangerous(self, set_id: str, group_id: str) -> list[str] | None:
        """None when a set behind the assignment could not be read: unknown is not harmless."""
        if group_id and self.found["PermissionSetGroupComponent"].state != "complete":
            return None
        ids = self.members.get(group_id, []) if group_id else [set_id]
        muting = [self.found.muting[each] for each in ids if each in self.found.muting]
        if any(each not in self.sets and each not in self.found.muting for each in ids):
            return None
        flags = self.found.permission_flags
        sets = [self.sets[each] for each in ids if each in self.sets]
        held = {name for each in sets for name in names.dangerous_in(each, flags)}
        held -= {name for each in muting for name in names.dangerous_in(each, flags)}
        return [name for name in names.DANGEROUS.values() if name in held]


def _instant(told: Any) -> datetime | None:
    return parse_datetime(str(told)) if told else None


def _text(told: Any) -> str:
    return str(told or "").replace("\x00", "")[:255]
