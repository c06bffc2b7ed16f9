"""An org whose apps and accounts are declared, approved, granted and used, each otherwise."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apps.accounts.models import User
from apps.common.clock import database_now
from apps.crm.models import (
    Connection,
    LogFile,
    LogRow,
    Snapshot,
    SnapshotAccount,
    SnapshotApp,
    SnapshotField,
    SnapshotPermissionSet,
)
from apps.posture.models import AppPurpose, Revocation, RevokedGrant, ScopeBaseline
from apps.posture.revocations.planning import Plan, plan_for_account
from tests.cast import Cast
from tests.reviews import made_up

COPILOT, BUSY_CALLS = "Contract Copilot", 400
SERVICE = made_up.SERVICE_USER


@dataclass(frozen=True)
class Governed:
    """The org, what was read of it, and the two things that pages are about."""

    org: Connection
    snapshot: Snapshot
    app: SnapshotApp
    account: SnapshotAccount


def make_governed(cast: Cast, *, seen_days: int = 88) -> Governed:
    """Logs cover `seen_days` of the last ninety. Call it in Acme's scope."""
    org = made_up.make_connection()
    snapshot = made_up.make_snapshot(org)
    copilot = made_up.add_app(
        snapshot, COPILOT, org_app_id="0xI000000000007", token_count=412, ip_relaxation="Bypass",
        ip_ranges=["198.51.100.0-198.51.100.255"], runs_as=SERVICE, in_use=True,
        scopes=["api", "full", "refresh_token"], refresh_policy="Infinite",
        permitted_users="admin approved users", client_credentials=False,
        last_used_at=database_now() - timedelta(hours=2),
    )  # fmt: skip
    made_up.add_app(snapshot, org_app_id="0xI000000000008", token_count=3)
    made_up.add_app(
        snapshot, "Heroku Connect", kind="connected_app", org_app_id="0H4000000000001", scopes=None,
        token_count=12,
    )  # fmt: skip
    account = _accounts(snapshot)
    _kept(snapshot)
    _approved(copilot, cast.alice, ["api", "einstein_gpt_api", "refresh_token"])
    _declared(copilot, cast)
    _logs(org, copilot, days=seen_days)
    return Governed(org, snapshot, copilot, account)


def ended(plan: Plan, by: User, now: datetime) -> Revocation:
    """A revocation that ended with one failure."""
    made: Revocation = Revocation.objects.create(
        connection=plan.connection, snapshot=plan.snapshot, of=plan.of, target_ref=plan.target_ref,
        label=plan.label, content_hash=plan.content_hash, asked_by=by, asked_at=now,
        state="exceptions", ended_at=now, note="1 could not be revoked.",
    )  # fmt: skip
    for number, each in enumerate(plan.grants):
        outcome: dict[str, Any] = {"state": "failed", "words": "The org refused it."}
        if number:
            outcome = {"state": "gone", "executed_at": now, "verified_at": now}
        RevokedGrant.objects.create(
            revocation=made, position=number, kind=each.kind, subject_ref=each.subject_ref,
            target_ref=each.target_ref, label=each.label, handle=each.handle, digest=each.digest,
            **outcome,
        )  # fmt: skip
    return made


def plan_of(world: Governed) -> Plan:
    return plan_for_account(world.account)


def _accounts(snapshot: Snapshot) -> SnapshotAccount:
    now = database_now()
    account: SnapshotAccount = made_up.add_account(
        snapshot, username="svc-llm-sync@acme.example", profile="Integration",
        licence="Salesforce Integration", last_login_at=now - timedelta(hours=1),
    )  # fmt: skip
    quiet = made_up.add_account(snapshot, made_up.OTHER_USER, username="svc-archive@acme.example")
    made_up.add_assignment(
        snapshot, account, assignment_id="0Pa000000000001", set_ids=["0PS000000000001"]
    )
    _given(snapshot, "0PS000000000001", {"Matter__c": "CRED", "Contact": "RE", "Lead": "R"})
    _given(snapshot, "0PS000000000003", {"Matter__c": "R"})
    made_up.add_assignment(
        snapshot, account, assignment_id="0Pa000000000002", label="Integration Admin",
        permission_set_id="0PS000000000002", via_group_id="0PG000000000001",
        dangerous=["Modify All Data", "Use Any API Client"], set_ids=["0PS000000000001"],
        muted=[["Author Apex", "No code in production"]],
    )  # fmt: skip
    made_up.add_assignment(
        snapshot, account, assignment_id="0Pa000000000003", label="X00ex", owned_by_profile=True,
        permission_set_id="0PS000000000003", dangerous=["View All Data"],
        set_ids=["0PS000000000003"],
    )  # fmt: skip
    made_up.add_assignment(
        snapshot, quiet, assignment_id="0Pa000000000004", label="Archive readers", dangerous=[]
    )
    for number in range(3):
        made_up.add_token(snapshot, f"copilot-{number}", app_name=COPILOT)
    made_up.add_token(snapshot, "odd", app_name="Data Loader", user_id=made_up.OTHER_USER)
    return account


def _given(snapshot: Snapshot, set_id: str, objects: dict[str, str]) -> None:
    fields = {"Matter__c.Name": "RE", "Matter__c.IBAN__c": "R"} if len(objects) > 1 else {}
    SnapshotPermissionSet.objects.create(
        snapshot=snapshot, set_id=set_id, label=set_id, objects_given=objects, fields_given=fields
    )


def _kept(snapshot: Snapshot) -> None:
    """Fields of the declared object: in the clear, encrypted, and hidden from the console."""
    for name, encrypted in (("IBAN__c", False), ("Opponent__c", True), ("Sealed__c", None)):
        SnapshotField.objects.create(
            snapshot=snapshot, object_name="Matter__c", field_name=name, encrypted=encrypted,
            classification="Restricted", compliance="GDPR",
        )  # fmt: skip


def _approved(app: SnapshotApp, by: User, scopes: list[str]) -> None:
    ScopeBaseline.objects.create(
        connection=app.snapshot.connection, app_key=app.app_key, app_label=app.label,
        scopes=scopes, content_hash="ab" * 32, approved_by=by,
        approved_at=database_now() - timedelta(days=40), snapshot=app.snapshot,
    )  # fmt: skip


def _declared(app: SnapshotApp, cast: Cast) -> None:
    AppPurpose.objects.create(
        connection=app.snapshot.connection, app_key=app.app_key, app_label=app.label,
        words="Drafts contract summaries for legal from matters and their documents.",
        scopes=["api", "refresh_token"], objects_named=["Matter__c"],
        fields_named=["Matter__c.Name"], zones=["eu-core"], content_hash="cd" * 32,
        state="approved", proposed_by=cast.people["bob"], proposed_at=database_now(),
        decided_by=cast.alice, decided_at=database_now(),
    )  # fmt: skip


def _logs(org: Connection, app: SnapshotApp, *, days: int) -> None:
    """Calls of one app on what it declared and on what it did not, and a few that name no app."""
    now = database_now()
    file: LogFile = LogFile.objects.create(
        connection=org, org_file_id="0AT000000000001", org_created_at=now, hourly=False,
        event_type="ApiTotalUsage", starts_at=now - timedelta(days=days),
        ends_at=now + timedelta(hours=1), sequence=0, sha256="ab" * 32, size_bytes=1,
        row_count=BUSY_CALLS, taken_at=now,
    )  # fmt: skip
    known = {"file": file, "connection": org, "event_type": "ApiTotalUsage", "status": "200"}
    LogRow.objects.bulk_create(
        LogRow(
            at=now - timedelta(minutes=10 + 5 * number), user_id=SERVICE[:15],
            app_id=app.org_app_id if number % 25 else "", app_name=app.label if number % 25 else "",
            entity="Matter__c" if number % 4 else "Contact", address="203.0.113.5",
            method="PATCH" if number % 10 == 0 else "GET", **known,
        )
        for number in range(BUSY_CALLS)
    )  # fmt: skip
