"""Zones, classes, rules and endpoints of a demo tenant, made by its own admin."""

from datetime import datetime

from apps.accounts import services as accounts
from apps.accounts.models import User
from apps.demo.orgs import Org
from apps.demo.people import spare_code
from apps.llm import services as llm
from apps.llm.models import Endpoint
from apps.residency import drafting, rules, services
from apps.residency.compiled import hash_of
from apps.residency.models import DataClass, Effect, Purpose, Zone
from apps.residency.rules import RuleInput

MODEL = "sandbox-summariser"
FIELDS = {
    "Subject": DataClass.FIT,
    "Description": DataClass.FIT,
    "SuppliedEmail": DataClass.RESTRICTED,
    "SuppliedPhone": DataClass.NEVER,
}


def ensure_governance(*, admin: User, org: Org, now: datetime) -> None:
    """Two zones, a published policy and one endpoint in each zone. Needs the tenant in scope."""
    if Zone.objects.exists():
        return
    inside = services.add_zone(
        actor=admin,
        name="EU core",
        jurisdictions=["DE", "FR"],
        networks=["198.51.100.0/24"],
        now=now,
    )
    outside = services.add_zone(actor=admin, name="US east", jurisdictions=["US"], now=now)
    for name, data_class in FIELDS.items():
        services.classify_field(
            actor=admin, object_name="Case", field_name=name, data_class=data_class, now=now
        )
    _add_rules(admin, inside, now)
    _publish(admin, now)
    for zone, name, url in (
        (inside, "Frankfurt models", org.model_urls[0]),
        (outside, "Virginia models", org.model_urls[-1]),
    ):
        if not Endpoint.objects.filter(name=name).exists():
            llm.add_endpoint(
                actor=admin, name=name, base_url=url, zone_id=zone.pk, model=MODEL,
                api_key=org.model_key, now=now,
            )  # fmt: skip


def _add_rules(admin: User, zone: Zone, now: datetime) -> None:
    for name, data_class, effect in (
        ("fit data stays in the EU", DataClass.FIT, Effect.ALLOW),
        ("restricted data is masked in the EU", DataClass.RESTRICTED, Effect.MASK),
    ):
        rules.add_rule(
            actor=admin,
            rule=RuleInput(
                name=name,
                data_class=data_class,
                effect=effect,
                purpose=Purpose.CASE_SUMMARY,
                destination_zone=zone.pk,
            ),
            now=now,
        )


def _publish(admin: User, now: datetime) -> None:
    content_hash = hash_of(drafting.content_of_draft())
    factor = accounts.prove(
        user=admin,
        code=spare_code(admin) or "",
        decision=services.PUBLISH,
        subject=content_hash,
        now=now,
    )
    services.publish(actor=admin, content_hash=content_hash, factor=factor, now=now)
