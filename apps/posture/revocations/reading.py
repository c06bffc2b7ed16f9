"""Reads of service accounts and of revocations."""

from uuid import UUID

from django.db import models

from apps.common import powers
from apps.common.actors import Actor
from apps.common.errors import NotFound
from apps.crm.models import SnapshotAccount
from apps.posture.models import Revocation, RevokedGrant
from apps.tenancy import policies as tenancy

SETTLED = (
    RevokedGrant.State.GONE,
    RevokedGrant.State.MISSING,
    RevokedGrant.State.FAILED,
    RevokedGrant.State.REAPPEARED,
)


def get_account_for(*, actor: Actor, account_id: UUID) -> SnapshotAccount:
    """One account of one snapshot. Raises `Denied`, `NotFound`."""
    tenancy.may(actor, powers.READ_APPS).require()
    rows = SnapshotAccount.objects.select_related("snapshot__connection__zone")
    found: SnapshotAccount | None = rows.filter(pk=account_id).first()
    if found is None:
        raise NotFound("There is no such account here.")
    return found


def get_revocation_for(*, actor: Actor, revocation_id: UUID) -> Revocation:
    """One revocation. Raises `Denied`, `NotFound`."""
    tenancy.may(actor, powers.READ_APPS).require()
    rows = Revocation.objects.select_related("connection__zone", "asked_by", "snapshot")
    found: Revocation | None = rows.filter(pk=revocation_id).first()
    if found is None:
        raise NotFound("There is no such revocation here.")
    return found


def list_revocations(
    *, connection_id: UUID, of: str, target_ref: str
) -> models.QuerySet[Revocation]:
    """What was revoked of one target, newest first."""
    rows = Revocation.objects.filter(connection_id=connection_id, of=of, target_ref=target_ref)
    return rows.select_related("asked_by").order_by("-asked_at", "-id")


def counts_of(revocation: Revocation) -> dict[str, int]:
    """How many of its grants are in each state."""
    rows = RevokedGrant.objects.filter(revocation=revocation).order_by()
    return dict(rows.values_list("state").annotate(models.Count("pk")))
