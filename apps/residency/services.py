"""Changing zones, classes and rules, and publishing what then decides.

Changes wait in a draft. Nothing that decides changes before the draft is published with a second
factor that was fresh for exactly this content.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.text import slugify

from apps.accounts import services as accounts
from apps.accounts.models import FreshFactor, User
from apps.common import powers
from apps.common.actors import Actor
from apps.common.clock import not_before
from apps.common.errors import Conflict, Invalid
from apps.common.networks import checked_networks
from apps.common.text import require_text
from apps.ledger import services as ledger
from apps.residency import drafting, selectors
from apps.residency.compiled import hash_of
from apps.residency.errors import NeedsProposal, PolicyMoved
from apps.residency.jurisdictions import require_codes
from apps.residency.models import DataClass, FieldClass, PolicyVersion, Zone
from apps.tenancy import policies

PUBLISH = "residency.policy.publish"


@transaction.atomic
def add_zone(
    *,
    actor: Actor,
    name: str,
    jurisdictions: Sequence[str],
    networks: Sequence[str] = (),
    now: datetime,
) -> Zone:
    """A new zone, in the draft until published. `networks` are its ranges (CIDR).

    Raises `Denied`, `Invalid`.
    """
    policies.may(actor, powers.MANAGE_POLICY).require()
    name = require_text(name, field="name", label="The zone's name", at_most=60)
    slug, codes, ranges = _slug(name), _require_places(jurisdictions), _ranges(networks)
    ensure_draft()
    if Zone.objects.filter(slug=slug).exists():
        raise Invalid(f"There is a zone called {name} already. Choose another name.", field="name")
    zone: Zone = Zone.objects.create(name=name, slug=slug, jurisdictions=codes, networks=ranges)
    ledger.record(
        actor=actor,
        action="residency.zone.added",
        target=zone,
        at=now,
        data={"name": name, "jurisdictions": codes, "networks": ranges},
    )
    return zone


@transaction.atomic
def change_zone(
    *,
    actor: Actor,
    zone_id: UUID,
    jurisdictions: Sequence[str],
    networks: Sequence[str] | None = None,
    now: datetime,
) -> Zone:
    """Say where a zone lies, in the draft until published; no `networks` leave its ranges.

    Raises `Denied`, `Invalid`.
    """
    policies.may(actor, powers.MANAGE_POLICY).require()
    codes = _require_places(jurisdictions)
    ensure_draft()
    zone = selectors.get_zone(zone_id=zone_id)
    ranges = zone.networks if networks is None else _ranges(networks)
    data = {
        "before": zone.jurisdictions,
        "jurisdictions": codes,
        "networks_before": zone.networks,
        "networks": ranges,
    }
    zone.jurisdictions, zone.networks = codes, ranges
    zone.save(update_fields=["jurisdictions", "networks"])
    ledger.record(actor=actor, action="residency.zone.changed", target=zone, at=now, data=data)
    return zone


@transaction.atomic
def classify_field(
    *, actor: Actor, object_name: str, field_name: str, data_class: str, now: datetime
) -> FieldClass:
    """Say how freely a field may travel, in the draft until published. Raises `Denied`, `Invalid`.

    Names are API names (`Case`, `Subject`).
    """
    policies.may(actor, powers.MANAGE_POLICY).require()
    object_name = _require_api_name(object_name, field="object_name", label="The object")
    field_name = _require_api_name(field_name, field="field_name", label="The field")
    if data_class not in DataClass.values:
        choices = ", ".join(DataClass.values)
        raise Invalid(
            f"{data_class[:20]!r} is no class. Choose one of {choices}.", field="data_class"
        )
    ensure_draft()
    row, _created = FieldClass.objects.update_or_create(
        object_name=object_name, field_name=field_name, defaults={"data_class": data_class}
    )
    data = {"object": object_name, "field": field_name, "class": data_class}
    ledger.record(actor=actor, action="residency.field.classified", target=row, at=now, data=data)
    return row


@transaction.atomic
def publish(*, actor: User, content_hash: str, factor: FreshFactor, now: datetime) -> PolicyVersion:
    """Put the first policy in force, exactly as shown: `content_hash` is what the factor was for.

    Every later one is proposed, and put in force by `replacing`. Raises `Denied`, `Conflict`
    (nothing to publish), `NeedsProposal`, `PolicyMoved`, `FactorRefused`.
    """
    policies.may(actor, powers.MANAGE_POLICY).require()
    draft = lock_draft()
    if draft is None:
        raise Conflict("Nothing has changed since the policy in force was published.")
    if selectors.current_version() is not None:
        raise NeedsProposal(
            "A policy is in force. Propose the draft in its place; somebody else approves it."
        )
    now = not_before(now)
    content = drafting.content_of_draft()
    if hash_of(content) != content_hash:
        raise PolicyMoved("The draft has changed since you saw it. Read the difference again.")
    accounts.spend_factor(
        factor=factor, user=actor, decision=PUBLISH, subject=content_hash, now=now
    )
    freeze(draft, content, by=actor, now=now)
    data = {"number": draft.number, "hash": content_hash, "rules": len(content["rules"])}
    ledger.record(actor=actor, action="residency.policy.published", target=draft, at=now, data=data)
    return draft


def freeze(draft: PolicyVersion, content: dict[str, Any], *, by: User, now: datetime) -> None:
    """The draft becomes a published version with this content, for good."""
    draft.content, draft.content_hash = content, hash_of(content)
    draft.published_by, draft.published_at = by, now
    draft.state = PolicyVersion.State.PUBLISHED
    draft.save()


def ensure_draft() -> PolicyVersion:
    """The draft, locked; a new one starts with the rules in force."""
    draft = lock_draft()
    if draft is not None:
        return draft
    current = selectors.current_version()
    top = PolicyVersion.objects.aggregate(top=Max("number"))["top"] or 0
    try:
        with transaction.atomic():
            draft = PolicyVersion.objects.create(number=top + 1)
    except IntegrityError as error:
        raise Conflict("Somebody else began a draft at this moment. Try again.") from error
    for rule in selectors.list_rules(current):
        rule.pk, rule.version = uuid4(), draft
        rule.save(force_insert=True)
    return draft


def lock_draft() -> PolicyVersion | None:
    """The draft, locked until the transaction ends."""
    drafts = PolicyVersion.objects.select_for_update()
    draft: PolicyVersion | None = drafts.filter(state=PolicyVersion.State.DRAFT).first()
    return draft


def _require_places(jurisdictions: Sequence[str]) -> list[str]:
    codes = require_codes(jurisdictions, field="jurisdictions")
    if not codes:
        raise Invalid("Say at least one country that the zone lies in.", field="jurisdictions")
    return codes


def _ranges(networks: Sequence[str]) -> list[str]:
    return checked_networks(list(networks), everywhere="Name the ranges that belong to the zone.")


def _slug(name: str) -> str:
    slug = slugify(name)[:60]
    if not slug:
        raise Invalid("The zone's name needs at least one Latin letter or digit.", field="name")
    return slug


def _require_api_name(value: str, *, field: str, label: str) -> str:
    name = require_text(value, field=field, label=label, at_most=80)
    if not (name.isascii() and name.replace("_", "").isalnum() and name[0].isalpha()):
        raise Invalid(
            f"{label} must be an API name of Salesforce, such as Case or Reason__c.", field=field
        )
    return name
