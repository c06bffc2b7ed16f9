"""A policy in the place of another, once two people agreed. Called by what got their consent.

A version's content is frozen in the proposal, so what is put in force is exactly that, whatever
became of the draft meanwhile; a draft that holds something else by then goes on waiting.
"""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from apps.accounts.models import User
from apps.common.actors import Actor
from apps.ledger import services as ledger
from apps.residency import drafting, selectors, services
from apps.residency.models import FlowRule, PolicyVersion


@transaction.atomic
def put_in_force(
    *,
    actor: Actor,
    content: dict[str, Any],
    approved_by: User,
    restored: bool = False,
    now: datetime,
) -> PolicyVersion:
    """The next version, with exactly this content; `restored` says that it was in force before."""
    draft = services.ensure_draft()
    waiting = selectors.list_rules(draft)
    differs = drafting.content_of_draft() != content
    if differs:
        draft.rules.all().delete()
        for row in content["rules"]:
            _rule(row, draft).save(force_insert=True)
    services.freeze(draft, content, by=approved_by, now=now)
    if differs:
        _wait_again(draft, waiting)
    ledger.record(
        actor=actor,
        action="residency.policy.restored" if restored else "residency.policy.replaced",
        target=draft,
        at=now,
        data={
            "number": draft.number,
            "hash": draft.content_hash,
            "rules": len(content["rules"]),
            "approved_by": str(approved_by.pk),
        },
    )
    return draft


def _wait_again(published: PolicyVersion, waiting: list[FlowRule]) -> None:
    """What the draft held besides is a draft again, behind the version that was published."""
    later = PolicyVersion.objects.create(number=published.number + 1)
    for rule in waiting:
        rule.pk, rule.version = uuid4(), later
        rule.save(force_insert=True)


def _rule(row: dict[str, Any], version: PolicyVersion) -> FlowRule:
    return FlowRule(
        version=version,
        order=row["order"],
        name=row["name"],
        data_class=row["data_class"],
        subject_jurisdictions=row["subjects"],
        purpose=row["purpose"],
        destination_zone_id=UUID(row["zone"]) if row["zone"] else None,
        destination_jurisdictions=row["jurisdictions"],
        effect=row["effect"],
    )
