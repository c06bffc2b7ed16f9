"""Adding rules to the draft and taking them out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify

from apps.common import powers
from apps.common.actors import Actor
from apps.common.errors import Invalid, NotFound
from apps.common.text import require_text
from apps.ledger import services as ledger
from apps.residency import selectors, services
from apps.residency.jurisdictions import require_codes
from apps.residency.models import Effect, FlowRule, Purpose
from apps.tenancy import policies


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleInput:
    """A rule as somebody wrote it. Empty means any, except where a permit goes to."""

    name: str
    data_class: str
    effect: str
    purpose: str = ""
    subject_jurisdictions: Sequence[str] = ()
    destination_zone: UUID | None = None
    destination_jurisdictions: Sequence[str] = ()


@transaction.atomic
def add_rule(*, actor: Actor, rule: RuleInput, now: datetime) -> FlowRule:
    """Add a rule to the draft. Raises `Denied`, `Invalid`, `NotFound`."""
    policies.may(actor, powers.MANAGE_POLICY).require()
    row = _checked(rule)
    draft = services.ensure_draft()
    if draft.rules.filter(name=row.name).exists():
        raise Invalid(f"There is a rule called {row.name} already.", field="name")
    row.version = draft
    row.order = (draft.rules.aggregate(top=Max("order"))["top"] or 0) + 10
    row.save(force_insert=True)
    data = {"name": row.name, "effect": row.effect, "draft": draft.number}
    ledger.record(actor=actor, action="residency.rule.added", target=row, at=now, data=data)
    return row


@transaction.atomic
def remove_rule(*, actor: Actor, name: str, now: datetime) -> None:
    """Take a rule out of the draft. Raises `Denied`, `NotFound`."""
    policies.may(actor, powers.MANAGE_POLICY).require()
    draft = services.ensure_draft()
    row = draft.rules.filter(name=name).first()
    if row is None:
        raise NotFound("There is no such rule in the draft.")
    data = {"name": row.name, "effect": row.effect, "draft": draft.number}
    ledger.record(actor=actor, action="residency.rule.removed", target=row, at=now, data=data)
    row.delete()


def _checked(rule: RuleInput) -> FlowRule:
    name = slugify(require_text(rule.name, field="name", label="The rule's name", at_most=60))
    if not name:
        raise Invalid("The rule's name needs a Latin letter or digit.", field="name")
    _one_of(rule.data_class, [value for value, _ in FlowRule.CLASSES], field="data_class")
    _one_of(rule.effect, Effect.values, field="effect")
    _one_of(rule.purpose, ["", *Purpose.values], field="purpose")
    subjects = require_codes(rule.subject_jurisdictions, field="subject_jurisdictions")
    places = require_codes(rule.destination_jurisdictions, field="destination_jurisdictions")
    if rule.effect != Effect.DENY and not (places or rule.destination_zone):
        raise Invalid(
            "A rule that lets data go must say where to: a zone, or countries.",
            field="destination_zone",
        )
    zone_id = rule.destination_zone
    zone = selectors.get_zone(zone_id=zone_id) if zone_id else None
    return FlowRule(
        name=name,
        data_class=rule.data_class,
        effect=rule.effect,
        purpose=rule.purpose,
        subject_jurisdictions=subjects,
        destination_zone=zone,
        destination_jurisdictions=places,
    )


def _one_of(value: str, choices: list[str], *, field: str) -> None:
    if value not in choices:
        named = ", ".join(choice or "(any)" for choice in choices)
        raise Invalid(f"{value[:20]!r} is not a choice here. Choose one of {named}.", field=field)
