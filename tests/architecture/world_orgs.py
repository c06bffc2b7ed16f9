"""What was read in orgs: scopes, findings, scans, logs."""

from datetime import timedelta
from uuid import UUID

from apps.crm.models import Connection, LogFile, LogRow, LogWatch, Snapshot
from apps.posture.findings.reporting import report_finding
from apps.posture.models import (
    AppPurpose,
    LogComparison,
    Revocation,
    RevokedGrant,
    Scan,
    ScanAddress,
    ScanFinding,
    ScopeBaseline,
)
from tests.architecture.world_base import MARK, World, word


def add_scopes(world: World, connection: Connection, snapshot: Snapshot) -> None:
    for app in snapshot.apps.all():
        ScopeBaseline.objects.create(
            connection=connection,
            app_key=app.app_key,
            app_label=app.label,
            scopes=["api"],
            content_hash="ab" * 32,
            approved_by=world.owner,
            approved_at=world.now,
            snapshot=snapshot,
        )


def add_purposes(world: World, connection: Connection, snapshot: Snapshot) -> None:
    for app in snapshot.apps.all():
        purpose = AppPurpose.objects.create(
            connection=connection,
            app_key=app.app_key,
            app_label=app.label,
            words="Sums up cases for people.",
            scopes=["api"],
            content_hash="ab" * 32,
            proposed_by=world.owner,
            proposed_at=world.now,
        )
        world.values["purpose_id"] = str(purpose.pk)


def add_findings(world: World, connection: Connection) -> None:
    for number in range(world.size):
        found = report_finding(
            kind="scan.egress-llm",
            connection=connection,
            subject=word("subject", number),
            title=word("finding", number),
            level="error",
            fix="Send it elsewhere.",
            source="scan",
            now=world.now,
        )
        revocation = Revocation.objects.create(
            connection=connection,
            snapshot=connection.snapshots.get(apps=UUID(world.values["app_id"])),
            of="account",
            target_ref=f"005Ma{number:010}",
            label=word("user", number),
            content_hash="ab" * 32,
            asked_by=world.owner,
            asked_at=world.now,
        )
        RevokedGrant.objects.create(
            revocation=revocation,
            position=0,
            kind="token",
            label=word("grant", number),
            handle="handle",
            digest="ab" * 32,
        )
    world.values["revocation_id"] = str(revocation.pk)
    world.values["finding_id"] = str(found.pk)


def add_scans(world: World, connections: list[Connection]) -> None:
    scans = [
        Scan.objects.create(
            connection=connection,
            origin="upload",
            name=word("scan", number),
            state="complete",
            asked_by=world.owner,
            asked_at=world.now - timedelta(minutes=number),
            touched_at=world.now,
            finished_at=world.now,
        )
        for number, connection in enumerate([connections[0], connections[0], *connections])
    ]
    for scan in scans[:2]:
        for number in range(world.size):
            place = {"path": f"classes/{word('class', number)}.cls", "line": 1, "column": 1}
            ScanFinding.objects.create(
                scan=scan,
                rule="secret",
                level="error",
                message=word("finding", number),
                key=f"{scan.pk}{number}",
                **place,
            )
            ScanAddress.objects.create(
                scan=scan,
                host=f"{MARK.lower()}{number}.example.de",
                scheme="https",
                named_by=word("class", number),
                called=True,
                through_gateway="no",
                **place,
            )
    world.values["scan_id"] = str(scans[0].pk)


def add_logs(world: World, connection: Connection) -> None:
    """A log file of the last full hour, with rows of the first org."""
    hour = world.now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    LogWatch.objects.create(connection=connection, state="current", looked_at=world.now)
    file = LogFile.objects.create(
        connection=connection,
        org_file_id="0AT000000000001",
        org_created_at=hour,
        event_type="ApiTotalUsage",
        hourly=True,
        starts_at=hour,
        ends_at=hour + timedelta(hours=1),
        sequence=1,
        sha256="ab" * 32,
        size_bytes=1,
        row_count=world.size,
        hour_counts={f"{hour:%Y-%m-%dT%H}": world.size},
        taken_at=world.now,
    )
    world.values["file_id"] = str(file.pk)
    LogComparison.objects.create(
        connection=connection,
        looked_at=world.now,
        since=hour,
        until=world.now,
        deviations=[
            {
                "app": f"0H4{number:012}",
                "name": word("app", number),
                "at": hour.isoformat(),
                "calls": 90,
                "median": 1.0,
                "score": 9.0,
                "basis": "the same hour of the week",
                "above": True,
            }
            for number in range(world.size)
        ],
    )
    for number in range(world.size):
        LogRow.objects.create(
            file=file,
            connection=connection,
            event_type=file.event_type,
            at=hour + timedelta(seconds=number),
            app_id=f"0H4{number:012}",
            app_name=word("app", number),
            method="GET",
            entity="Case",
        )
