"""Reads of packs, and of who may see which."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db import models

from apps.accounts.models import User
from apps.common import powers
from apps.common.actors import Actor
from apps.common.errors import NotFound
from apps.common.scope import current_tenant_id
from apps.evidence.models import Pack
from apps.tenancy import policies as tenancy
from apps.tenancy import selectors as people
from apps.tenancy.models import UserGrant
from apps.tenancy.roles import powers_of
from apps.tenancy.selectors import Member

NO_PACK = "There is no such pack here."
SEE_NAMED = "see_named_pack"


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who may export. `packs` are those named to them, newest first; None means all."""

    member: Member
    packs: list[Pack] | None


def list_packs() -> models.QuerySet[Pack]:
    """Packs of the open tenant, newest first."""
    return Pack.objects.select_related("requested_by").order_by("-requested_at", "-id")


def list_packs_for(actor: Actor) -> models.QuerySet[Pack]:
    """Those of them that the actor may see; the route has asked for the power to export."""
    named = packs_named_to(actor)
    return list_packs() if named is None else list_packs().filter(pk__in=named)


def get_pack_for(*, actor: Actor, pack_id: UUID) -> Pack:
    """One pack, for someone who may export. Raises `NotFound`, also for one they may not see."""
    tenancy.may(actor, powers.EXPORT).require()
    pack = list_packs_for(actor).filter(pk=pack_id).first()
    if pack is None:
        raise NotFound(NO_PACK)
    return pack


def packs_named_to(actor: Actor) -> frozenset[UUID] | None:
    """The packs that the person is limited to; None for who sees every pack."""
    if not isinstance(actor, User):
        return None
    named = grants_of([actor.pk]).values_list("object_pk", flat=True)
    return frozenset(map(UUID, named)) or None


def grants_of(user_ids: Collection[UUID]) -> models.QuerySet[UserGrant]:
    """The rows that limit these people to packs of the open tenant."""
    rows: models.QuerySet[UserGrant] = UserGrant.objects.filter(
        tenant_id=current_tenant_id(),
        user_id__in=user_ids,
        content_type=ContentType.objects.get_for_model(Pack),
        permission__codename=SEE_NAMED,
    )
    return rows


def list_readers() -> list[Reader]:
    """Everybody whose roles let them export, by name, in three queries."""
    members = [each for each in people.list_members() if powers.EXPORT in powers_of(each.roles)]
    named: dict[UUID, set[str]] = {}
    rows = grants_of([each.user.pk for each in members])
    for user_id, pack_id in rows.values_list("user_id", "object_pk"):
        named.setdefault(user_id, set()).add(pack_id)
    packs = list(list_packs().filter(pk__in=set[str]().union(*named.values())))
    return [
        Reader(each, _of(packs, named[each.user.pk]) if each.user.pk in named else None)
        for each in members
    ]


def get_reader(user_id: UUID) -> Reader:
    """One of them. Raises `NotFound` for who may not export."""
    for reader in list_readers():
        if reader.member.user.pk == user_id:
            return reader
    raise NotFound("That person may see no packs at all here.")


def _of(packs: list[Pack], named: set[str]) -> list[Pack]:
    return [pack for pack in packs if str(pack.pk) in named]
