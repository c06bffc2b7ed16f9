"""Reads of connections and snapshots."""

from collections.abc import Iterable
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db import models

from apps.common import powers
from apps.common.actors import Actor
from apps.common.errors import NotFound
from apps.common.scope import current_tenant_id
from apps.crm.models import Connection, OrgToken, Snapshot
from apps.tenancy import policies as tenancy
from apps.tenancy.models import UserGrant

NO_CONNECTION = "There is no such org here."
NO_SNAPSHOT = "There is no such snapshot here."
FINISHED = (Snapshot.State.COMPLETE, Snapshot.State.INCOMPLETE)


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
    return list_snapshots(connection).filter(state__in=FINISHED).first()


def latest_snapshots(connections: Iterable[Connection]) -> dict[UUID, Snapshot]:
    """`latest_snapshot` of many orgs in one query, by the org's id; orgs without one are absent."""
    rows = Snapshot.objects.filter(connection__in=list(connections), state__in=FINISHED)
    newest = rows.order_by("connection_id", "-taken_at", "-id").distinct("connection_id")
    return {snapshot.connection_id: snapshot for snapshot in newest}


def running_snapshot(connection: Connection) -> Snapshot | None:
    """The snapshot being taken now."""
    now = [Snapshot.State.QUEUED, Snapshot.State.RUNNING]
    return list_snapshots(connection).filter(state__in=now).first()


def list_rights(connection: Connection) -> dict[UUID, set[str]]:
    """What each person holds on an org, by the person's id, in one query."""
    rows = UserGrant.objects.filter(
        tenant_id=current_tenant_id(),
        content_type=ContentType.objects.get_for_model(Connection),
        object_pk=str(connection.pk),
    )
    held: dict[UUID, set[str]] = {}
    for user_id, right in rows.values_list("user_id", "permission__codename"):
        held.setdefault(user_id, set()).add(right)
    return held


def get_snapshot_for(*, actor: Actor, snapshot_id: UUID) -> Snapshot:
    """One snapshot, for an actor who may see apps. Raises `Denied`, `NotFound`."""
    tenancy.may(actor, powers.READ_APPS).require()
    found: Snapshot | None = (
        Snapshot.objects.select_related("connection__zone").filter(pk=snapshot_id).first()
    )
    if found is None:
        raise NotFound(NO_SNAPSHOT)
    return found
