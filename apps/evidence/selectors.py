"""Reads of packs."""

from uuid import UUID

from django.db import models

from apps.accounts.models import User
from apps.common import powers
from apps.common.errors import NotFound
from apps.evidence.models import Pack
from apps.tenancy import policies as tenancy


def list_packs() -> models.QuerySet[Pack]:
    """Packs of the open tenant, newest first."""
    return Pack.objects.select_related("requested_by").order_by("-requested_at", "-id")


def get_pack_for(*, actor: User, pack_id: UUID) -> Pack:
    """One pack, for someone who may export. Raises `NotFound`, `Denied`."""
    tenancy.may(actor, powers.EXPORT).require()
    pack = list_packs().filter(pk=pack_id).first()
    if pack is None:
        raise NotFound("There is no such pack here.")
    return pack
