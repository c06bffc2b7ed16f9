"""Orgs and snapshots made up for reviews, small and large."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

from apps.accounts import services as accounts
from apps.accounts.models import FreshFactor, User
from apps.common.clock import database_now
from apps.crm.models import (
    Connection,
    OrgToken,
    Snapshot,
    SnapshotAccount,
    SnapshotApp,
    SnapshotAssignment,
    SnapshotToken,
)
from apps.crm.services.rights import give_to_members
from apps.residency.models import Zone
from apps.reviews import selectors, services
from apps.reviews.models import Campaign, Item
from tests.cast import code_for
from tests.fakes.sandbox import RunningSandbox

FULL = [
    {"source": name, "expected": None, "read": 1, "state": "complete", "error": ""}
    for name in ("User", "ConnectedApplication", "OauthToken", "PermissionSetAssignment")
]
SERVICE_USER = "005Ma00000000001"
OTHER_USER = "005Ma00000000002"


def make_connection(sandbox: RunningSandbox | None = None, **values: Any) -> Connection:
    """An org of the open tenant; everyone gets the rights of their roles on it."""
    words = {"name": "EU core", "jurisdictions": ["DE"]}
    zone, _ = Zone.objects.get_or_create(slug="eu-core", defaults=words)
    if sandbox is not None:
        values = {
            "host": sandbox.url.removeprefix("https://"),
            "client_id": sandbox.info["consumer_key"],
            "username": sandbox.info["username"],
            "private_key": Path(sandbox.info["private_key"]).read_text(),
            **values,
        }
    known = {"name": "acme-prod", "host": "acme.my.salesforce.com", "client_id": "3MVG9.key"}
    connection: Connection = Connection.objects.create(
        **{**known, "zone": zone, "flow": "jwt_bearer", "state": "healthy", **values}
    )
    OrgToken.objects.create(connection=connection)
    give_to_members(connection)
    return connection


def make_snapshot(connection: Connection, **values: Any) -> Snapshot:
    """A snapshot that just finished, still without rows."""
    now = database_now()
    known = {"state": "complete", "sources": FULL, "content_hash": "ab" * 32, "lacking": []}
    times = {"taken_at": now, "touched_at": now, "finished_at": now}
    snapshot: Snapshot = Snapshot.objects.create(
        **{"connection": connection, **known, **times, **values}
    )
    return snapshot


def add_account(snapshot: Snapshot, org_user_id: str = SERVICE_USER, **values: Any) -> Any:
    known = {"username": f"{org_user_id}@acme.example", "is_integration": True}
    return SnapshotAccount.objects.create(
        **{"snapshot": snapshot, "org_user_id": org_user_id, **known, **values}
    )


def add_token(snapshot: Snapshot, handle: str = "delete-me", **values: Any) -> Any:
    digest = hashlib.sha256(handle.encode()).hexdigest()
    known = {"app_name": "Case Summariser", "user_id": SERVICE_USER, "use_count": 7}
    return SnapshotToken.objects.create(
        **{"snapshot": snapshot, "token_ref": handle, "token_digest": digest, **known, **values}
    )


def add_app(snapshot: Snapshot, label: str = "Case Summariser", **values: Any) -> Any:
    known = {
        "kind": "external_client_app",
        "developer_name": label.replace(" ", "_"),
        "org_app_id": "0xI000000000001",
        "scopes": ["api", "refresh_token"],
    }
    return SnapshotApp.objects.create(**{"snapshot": snapshot, "label": label, **known, **values})


def add_assignment(snapshot: Snapshot, account: Any, **values: Any) -> Any:
    known = {
        "assignment_id": "0Pa00000000000001",
        "permission_set_id": "0PS00000000000001",
        "permission_set_name": "LLM_Sync_Legacy",
        "label": "LLM Sync (legacy)",
        "dangerous": ["Modify All Data"],
    }
    return SnapshotAssignment.objects.create(
        **{"snapshot": snapshot, "account": account, **known, **values}
    )


def small_snapshot(connection: Connection, **values: Any) -> Snapshot:
    """Two accounts; one idle token, one token in use, one far-reaching permission set."""
    snapshot = make_snapshot(connection, **values)
    now = database_now()
    account = add_account(snapshot)
    add_account(snapshot, OTHER_USER)
    add_app(snapshot)
    add_token(snapshot, "idle", last_used_at=now - timedelta(days=200))
    add_token(snapshot, "busy", user_id=OTHER_USER, last_used_at=now)
    add_assignment(snapshot, account)
    return snapshot


def opened(actor: User, snapshot: Snapshot, *, days: int = 7, **values: Any) -> Campaign:
    now = database_now()
    return services.open_campaign(
        actor=actor, snapshot_id=snapshot.pk, due_at=now + timedelta(days=days), now=now, **values
    )


def factor_for(user: User, campaign: Campaign, *, silence: bool = False) -> FreshFactor:
    """A fresh factor for signing the review as it stands."""
    digest = selectors.preview_finish(campaign, silence_is_kept=silence).digest
    return accounts.prove(
        user=user,
        code=code_for(user),
        decision=services.FINISH,
        subject=digest,
        now=database_now(),
    )


def decided(actor: User, item: Item, decision: str = "revoke") -> Item:
    note = "" if decision == "keep" else "Nobody needs it any more."
    return services.decide(
        actor=actor, item_id=item.pk, decision=decision, note=note, now=database_now()
    )


def finished(actor: User, campaign: Campaign, *, silence: bool = True) -> Campaign:
    return services.finish_review(
        actor=actor,
        campaign_id=campaign.pk,
        factor=factor_for(actor, campaign, silence=silence),
        now=database_now(),
        silence_is_kept=silence,
    )
