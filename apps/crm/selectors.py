"""Reads of connections and snapshots."""

from uuid import UUID

from django.db import models

from apps.common import powers
from apps.common.actors import Actor
from apps.common.errors import NotFound
from apps.crm.models import Connection, OrgToken, Snapshot
from apps.tenancy import policies as tenancy

NO_CONNECTION = "There is no such org here."
NO_SNAPSHOT = "There is no such snapshot here."


def list_connections() -> models.QuerySet[Connection]:
    """The tenant's orgs by name; disconnected ones last."""
    gone = models.Case(
        models.When(state=Connection.State.DISCONNECTED, then=1),
        default=0,
        output_field=models.IntegerField(),
    )
    return Connection.objects.select_related("zone").order_by(gone, "name")


def get_connection_for(*, actor: Actor, connection_id: UUID) -> Connection:
    """One org, for an actor who may see apps. Raises `Denied`, `NotFound`."""
    tenancy.may(actor, powers.READ_APPS).require()
    found: Connection | None = (
        Connection.objects.select_related("zone").filter(pk=connection_id).first()
    )
    if found is None:
        raise NotFound(NO_CONNECTION)
    return found


def lock_connection_for(*, actor: Actor, connection_id: UUID) -> Connection:
    """The same row, locked until the transaction ends."""
    get_connection_for(actor=actor, connection_id=connection_id)
    locked: Connection = Connection.objects.select_for_update(of=("self",)).get(pk=connection_id)
    return locked


def token_of(connection: Connection) -> OrgToken:
    """The row of a connection's tokens."""
    row: OrgToken = OrgToken.objects.get(connection=connection)
    return row


def find_token(connection: Connection) -> OrgToken | None:
    """The row of a connection's tokens, for pages; None for one that never was to sign in."""
    row: OrgToken | None = OrgToken.objects.filter(connection=connection).first()
    return row


def list_snapshots(connection: Connection) -> models.QuerySet[Snapshot]:
    """An org's snapshots, newest first."""
    return Snapshot.objects.filter(connection=connection).order_by("-taken_at", "-id")


def latest_snapshot(connection: Connection) -> Snapshot | None:
    """The newest snapshot that finished, complete or incomplete; None when there is none."""
    done = [Snapshot.State.COMPLETE, Snapshot.State.INCOMPLETE]
    return list_snapshots(connection).filter(state__in=done).first()


def running_snapshot(connection: Connection) -> Snapshot | None:
    """The snapshot being taken now."""
    now = [Snapshot.State.QUEUED, Snapshot.State.RUNNING]
    return list_snapshots(connection).filter(state__in=now).first()


def get_snapshot_for(*, actor: Actor, snapshot_id: UUID) -> Snapshot:
    """One snapshot, for an actor who may see apps. Raises `Denied`, `NotFound`."""
    tenancy.may(actor, powers.READ_APPS).require()
    found: Snapshot | None = (
        Snapshot.objects.select_related("connection__zone").filter(pk=snapshot_id).first()
    )
    if found is None:
        raise NotFound(NO_SNAPSHOT)
    return found
