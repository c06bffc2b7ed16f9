"""From what an org said to the rows of a snapshot, and their content hash."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

import rfc8785

from apps.crm.inventory import connected, names, ranges
from apps.crm.inventory.assigning import Assigning
from apps.crm.inventory.packed import Record, Rows
from apps.crm.inventory.read import INTEGRATION_LICENCE, INTEGRATION_PROFILE, Inventory
from apps.crm.inventory.values import instant, text
from apps.crm.models import (
    Snapshot,
    SnapshotAccount,
    SnapshotApp,
    SnapshotAssignment,
    SnapshotField,
    SnapshotPermissionSet,
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
    permission_sets: list[SnapshotPermissionSet]
    fields: list[SnapshotField]
    has_all_tokens: bool
    uses: dict[str, Use] = field(default_factory=dict)

    def write(self) -> None:
        """Insert them all, inside the caller's transaction."""
        while some := list(islice(self.tokens, ROWS_PER_INSERT)):
            SnapshotToken.objects.bulk_create(some)
            self._count_uses(some)
        for app in self.apps:
            use = self.uses.get(app.label, Use())
            app.token_count = use.tokens if self.has_all_tokens else None
            app.last_used_at = use.last_at
        SnapshotApp.objects.bulk_create(self.apps, ROWS_PER_INSERT)
        SnapshotAccount.objects.bulk_create(self.accounts, ROWS_PER_INSERT)
        SnapshotAssignment.objects.bulk_create(self.assignments, ROWS_PER_INSERT)
        SnapshotPermissionSet.objects.bulk_create(self.permission_sets, ROWS_PER_INSERT)
        SnapshotField.objects.bulk_create(self.fields, ROWS_PER_INSERT)

    def _count_uses(self, tokens: list[SnapshotToken]) -> None:
        """Tokens name their app by its label only; equal labels share what is counted."""
        for token in tokens:
            use = self.uses.setdefault(token.app_name, Use())
            use.tokens += 1
            if token.last_used_at and (use.last_at is None or token.last_used_at > use.last_at):
                use.last_at = token.last_used_at


def rows_of(found: Inventory, snapshot: Snapshot) -> SnapshotRows:
    """The rows that an inventory comes to."""
    accounts = {row["Id"]: _account(row, snapshot, found) for row in found["User"].rows}
    tokens = (_token(row, snapshot, accounts) for row in found["OauthToken"].rows)
    apps = [_connected(row, snapshot, found) for row in found["ConnectedApplication"].rows]
    apps += _external_apps(found, snapshot, accounts)
    return SnapshotRows(
        _marked_in_use(apps, found, snapshot),
        tokens,
        list(accounts.values()),
        Assigning(found, snapshot, accounts).rows(),
        _permission_sets(found, snapshot),
        [_field(row, snapshot) for row in found.beside.fields],
        has_all_tokens=found["OauthToken"].state == "complete",
    )


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
    digest.update(rfc8785.dumps(vars(found.beside)))
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
        developer_name=text(row.get("Name")),
        label=text(row.get("Name")),
        org_app_id=row["Id"],
        scopes=connected.scopes_in(metadata),
        permitted_users="admin approved users" if admin_only else "all users may self-authorise",
        refresh_policy=connected.refresh_in(metadata) or by_record,
        ip_relaxation=connected.relaxation_in(metadata),
        ip_ranges=ranges.in_metadata(metadata),
    )


def _external_apps(
    found: Inventory, snapshot: Snapshot, accounts: dict[str, SnapshotAccount]
) -> list[SnapshotApp]:
    settings = _by_app(found["ExtlClntAppOauthSettings"].rows)
    policies = _by_app(found["ExtlClntAppOauthPlcyCnfg"].rows)
    readable = found["ExtlClntAppOauthSettings"].state == "complete"
    ids = {each.username: each.org_user_id for each in accounts.values()}
    apps = []
    for row in found["ExternalClientApplication"].rows:
        held = settings.get(row["Id"]) if readable else None
        policy = policies.get(row["Id"], {})
        app = _external(row, snapshot, settings=held, policy=policy, flags=found.scope_flags)
        app.ip_ranges = _client_ranges(held, found)
        runner = str(policy.get("ClientCredentialsFlowUser") or "")
        app.runs_as = runner if runner in accounts else ids.get(runner, "")
        apps.append(app)
    return apps


def _client_ranges(settings: Record | None, found: Inventory) -> list[str] | None:
    """An app's own ranges; None where the org tells its settings or ranges not."""
    told = found.beside.client_ranges
    return None if settings is None or told is None else told.get(str(settings["Id"]), [])


def _marked_in_use(
    apps: list[SnapshotApp], found: Inventory, snapshot: Snapshot
) -> list[SnapshotApp]:
    """The apps, and those that the org lists in use and its inventory does not hold."""
    if found.beside.used_apps is None:
        return apps
    used = {str(row["identifier"])[:15]: row for row in found.beside.used_apps}
    for app in apps:
        app.in_use = used.pop(app.org_app_id[:15], None) is not None
    return apps + [_not_installed(row, snapshot) for row in used.values()]


def _not_installed(row: Record, snapshot: Snapshot) -> SnapshotApp:
    name = text(row.get("developerName"))
    return SnapshotApp(
        snapshot=snapshot,
        kind=SnapshotApp.Kind.NOT_INSTALLED,
        developer_name=name,
        label=name.replace("_", " "),
        org_app_id=text(row["identifier"])[:18],
        in_use=True,
    )


def _permission_sets(found: Inventory, snapshot: Snapshot) -> list[SnapshotPermissionSet]:
    """What the sets behind all assignments give; none where neither objects nor fields are told."""
    objects, fields = found.beside.objects_given, found.beside.fields_given
    labels = {str(row["Id"]): row for row in found["PermissionSet"].rows}
    return [
        SnapshotPermissionSet(
            snapshot=snapshot,
            set_id=each[:18],
            label=text(labels.get(each, {}).get("Label")),
            objects_given=None if objects is None else objects.get(each, {}),
            fields_given=None if fields is None else fields.get(each, {}),
        )
        for each in sorted({*(objects or {}), *(fields or {})})
    ]


def _field(row: Record, snapshot: Snapshot) -> SnapshotField:
    return SnapshotField(
        snapshot=snapshot,
        object_name=row["object"][:80],
        field_name=row["field"][:80],
        classification=row["classification"][:60],
        compliance=row["compliance"][:255],
        encrypted=row["encrypted"],
        calculated=row["calculated"],
    )


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
        developer_name=text(row.get("DeveloperName")),
        label=text(row.get("MasterLabel") or row.get("DeveloperName")),
        org_app_id=row["Id"],
        scopes=names.scopes_of(settings, flags) if settings is not None else None,
        permitted_users=words.get(str(users), text(users)[:60]),
        refresh_policy=_refresh_policy(policy),
        ip_relaxation=text(policy.get("IpRelaxationPolicyType"))[:60],
        client_credentials=policy.get("IsClientCredentialsFlowEnabled"),
    )


def _refresh_policy(policy: Record) -> str:
    kind = text(policy.get("RefreshTokenPolicyType"))
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
        app_name=text(row.get("AppName")),
        user_id=text(row.get("UserId"))[:18],
        username=holder.username if holder else "",
        use_count=row.get("UseCount"),
        last_used_at=instant(row.get("LastUsedDate")),
        created_at=instant(row.get("CreatedDate")),
    )


def _account(row: Record, snapshot: Snapshot, found: Inventory) -> SnapshotAccount:
    profile = row.get("Profile") or {}
    licence = text((profile.get("UserLicense") or {}).get("Name"))
    name = text(profile.get("Name"))
    return SnapshotAccount(
        snapshot=snapshot,
        org_user_id=row["Id"],
        username=text(row.get("Username")),
        name=text(row.get("Name")),
        is_integration=licence == INTEGRATION_LICENCE or name == INTEGRATION_PROFILE,
        is_active=bool(row.get("IsActive")),
        licence=licence,
        profile=name,
        last_login_at=instant(row.get("LastLoginDate")),
        login_ranges=found.beside.login_ranges.get(str(row.get("ProfileId"))),
    )
