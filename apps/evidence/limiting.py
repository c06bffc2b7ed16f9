"""Limiting an auditor to named packs, and lifting the limit."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from guardian.shortcuts import assign_perm

from apps.accounts import services as accounts
from apps.accounts.models import User
from apps.common.errors import Invalid
from apps.common.scope import current_tenant_id
from apps.evidence import policies, selectors
from apps.evidence.models import Pack
from apps.ledger import services as ledger
from apps.tenancy.models import Membership

LIMIT = "evidence.packs.limit"  # it takes a code


@transaction.atomic
def limit_packs(
    *, actor: User, user_id: UUID, pack_ids: Collection[UUID] | None, code: str, now: datetime
) -> selectors.Reader:
    """Let a person see these packs alone, or every pack with None, against a fresh code.

    Links they hold to other packs end with it. Raises `Denied`, `NotFound`, `Invalid`, `WrongCode`.
    """
    policies.may_limit(actor=actor, user_id=user_id).require()
    _wait_for_others(user_id)
    reader = selectors.get_reader(user_id)
    wanted = _wanted(pack_ids)
    before = None if reader.packs is None else {pack.pk for pack in reader.packs}
    if before == (None if wanted is None else {pack.pk for pack in wanted}):
        raise Invalid("This person sees just these packs already.", field="packs")
    _replace(reader.member.user, wanted or [])
    named = None if wanted is None else sorted(str(pack.pk) for pack in wanted)
    content = {"user": str(user_id), "packs": named}
    ledger.record(
        actor=actor,
        action="evidence.reader.limited" if wanted else "evidence.reader.unlimited",
        target=reader.member.user,
        at=now,
        data=content,
    )
    accounts.confirm(user=actor, code=code, decision=LIMIT, content=content, now=now)
    return selectors.get_reader(user_id)


def _wait_for_others(user_id: UUID) -> None:
    """Two changes for one person queue here."""
    rows = Membership.objects.select_for_update().filter(tenant_id=current_tenant_id())
    list(rows.filter(user_id=user_id).order_by("pk"))


def _wanted(pack_ids: Collection[UUID] | None) -> list[Pack] | None:
    if pack_ids is None:
        return None
    if not pack_ids:
        raise Invalid(
            "Choose at least one pack. To keep somebody from all packs, take their role away.",
            field="packs",
        )
    found = list(Pack.objects.filter(pk__in=pack_ids))
    if len(found) != len(set(pack_ids)):
        raise Invalid("One of these packs is not here. Load the page again.", field="packs")
    return found


def _replace(user: User, wanted: list[Pack]) -> None:
    """Take what was named before and name these."""
    selectors.grants_of([user.pk]).delete()
    for pack in wanted:
        assign_perm(f"evidence.{selectors.SEE_NAMED}", user, pack)
