"""Reads of apps, purposes, baselines, use, and how they differ."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import models

from apps.common import powers
from apps.common.actors import Actor
from apps.common.errors import NotFound
from apps.crm import selectors as crm
from apps.crm.eventlogs.usage import Usage, used_by_app
from apps.crm.models import Connection, Snapshot, SnapshotApp
from apps.posture.comparison import Comparison, compare
from apps.posture.models import AppPurpose, ScopeBaseline
from apps.tenancy import policies as tenancy

USE_WINDOW = timedelta(days=90)


def list_baselines(connection: Connection, app_key: str) -> models.QuerySet[ScopeBaseline]:
    """Every baseline an app ever had in an org, newest first."""
    rows = ScopeBaseline.objects.filter(connection=connection, app_key=app_key)
    return rows.select_related("approved_by").order_by("-approved_at", "-id")


def current_baselines(connection: Connection) -> dict[str, ScopeBaseline]:
    """The baseline in force of each app of an org, by `app_key`."""
    return {row.app_key: row for row in _in_force().filter(connection=connection)}


def use_until(connection: Connection, until: datetime) -> Usage:
    """What the apps of an org did in the days before, as far as its logs tell."""
    return used_by_app(connection, since=until - USE_WINDOW, until=until)


def compare_snapshot(snapshot: Snapshot, *, usage: Usage | None = None) -> list[Comparison]:
    """Every app of a snapshot beside its baseline and, given it, use; what needs someone first."""
    apps = SnapshotApp.objects.filter(snapshot=snapshot)
    baselines, purposes = (
        current_baselines(snapshot.connection),
        current_purposes(snapshot.connection),
    )
    return compare(apps, baselines, purposes, usage)


def compare_orgs(
    orgs: Iterable[Connection],
) -> list[tuple[Connection, list[Comparison] | None]]:
    """The latest snapshot of each org compared, in one query a table; None where there is none."""
    orgs = list(orgs)
    snapshots = crm.latest_snapshots(orgs)
    apps: dict[UUID, list[SnapshotApp]] = {snapshot.pk: [] for snapshot in snapshots.values()}
    for app in SnapshotApp.objects.filter(snapshot__in=list(apps)).select_related("snapshot"):
        apps[app.snapshot_id].append(app)
    baselines: dict[UUID, dict[str, ScopeBaseline]] = {org.pk: {} for org in orgs}
    for row in _in_force().filter(connection__in=orgs):
        baselines[row.connection_id][row.app_key] = row
    return [
        (org, compare(apps[found.pk], baselines[org.pk]) if found else None)
        for org in orgs
        for found in [snapshots.get(org.pk)]
    ]


def list_gone(snapshot: Snapshot, comparisons: list[Comparison]) -> list[ScopeBaseline]:
    """Approved apps that a complete snapshot no longer finds; none from an incomplete one."""
    if snapshot.state != Snapshot.State.COMPLETE:
        return []
    present = {each.app.app_key for each in comparisons}
    baselines = current_baselines(snapshot.connection)
    return [row for key, row in sorted(baselines.items()) if key not in present]


def get_app_for(*, actor: Actor, app_id: UUID) -> SnapshotApp:
    """One app of one snapshot, for an actor who may see apps. Raises `Denied`, `NotFound`."""
    tenancy.may(actor, powers.READ_APPS).require()
    found: SnapshotApp | None = (
        SnapshotApp.objects.select_related("snapshot__connection__zone").filter(pk=app_id).first()
    )
    if found is None:
        raise NotFound("There is no such app here.")
    return found


def compare_app(app: SnapshotApp, *, now: datetime | None = None) -> Comparison:
    """One app beside its baseline and purpose in force and, given `now`, its use until then."""
    connection = app.snapshot.connection
    return Comparison(
        app,
        current_baselines(connection).get(app.app_key),
        current_purposes(connection).get(app.app_key),
        use_until(connection, now) if now else None,
    )


def current_purposes(connection: Connection) -> dict[str, AppPurpose]:
    """The approved purpose in force of each app of an org, by `app_key`."""
    rows = AppPurpose.objects.filter(connection=connection, state=AppPurpose.State.APPROVED)
    return {row.app_key: row for row in rows.select_related("proposed_by", "decided_by")}


def list_purposes(connection: Connection, app_key: str) -> models.QuerySet[AppPurpose]:
    """Every purpose that was ever proposed for an app, newest first."""
    rows = AppPurpose.objects.filter(connection=connection, app_key=app_key)
    return rows.select_related("proposed_by", "decided_by").order_by("-proposed_at", "-id")


def get_purpose_for(*, actor: Actor, purpose_id: UUID) -> AppPurpose:
    """One declared purpose. Raises `Denied`, `NotFound`."""
    tenancy.may(actor, powers.READ_APPS).require()
    rows = AppPurpose.objects.select_related("connection", "proposed_by")
    found: AppPurpose | None = rows.filter(pk=purpose_id).first()
    if found is None:
        raise NotFound("There is no such purpose here.")
    return found


def _in_force() -> models.QuerySet[ScopeBaseline]:
    rows = ScopeBaseline.objects.filter(superseded_by__isnull=True)
    return rows.select_related("approved_by")
