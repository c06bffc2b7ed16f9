"""Policies for tests, made through the services that people use."""

from uuid import UUID

from apps.accounts import services as accounts
from apps.accounts.models import User
from apps.common.actors import ServiceActor
from apps.common.clock import database_now
from apps.residency import drafting, replacing, selectors, services
from apps.residency.compiled import hash_of
from apps.residency.models import PolicyVersion, Zone
from apps.residency.rules import RuleInput, add_rule
from tests.cast import code_for


def publish_now(actor: User) -> PolicyVersion:
    """Put the draft in force: the first as that person with a fresh code, later ones as approved.

    Needs an open scope.
    """
    if selectors.current_version() is not None and selectors.current_draft() is not None:
        return replacing.put_in_force(
            actor=ServiceActor("test"),
            content=drafting.content_of_draft(),
            approved_by=actor,
            now=database_now(),
        )
    content_hash = hash_of(drafting.content_of_draft())
    factor = accounts.prove(
        user=actor,
        code=code_for(actor),
        decision=services.PUBLISH,
        subject=content_hash,
        now=database_now(),
    )
    return services.publish(
        actor=actor, content_hash=content_hash, factor=factor, now=database_now()
    )


def a_zone(actor: User, name: str, *jurisdictions: str) -> Zone:
    """A zone in the draft."""
    return services.add_zone(
        actor=actor, name=name, jurisdictions=jurisdictions, now=database_now()
    )


def classify(actor: User, data_class: str, *fields: str) -> None:
    """Give fields of Case a class."""
    for field in fields:
        services.classify_field(
            actor=actor,
            object_name="Case",
            field_name=field,
            data_class=data_class,
            now=database_now(),
        )


def permit(
    actor: User,
    name: str,
    data_class: str,
    effect: str,
    zone: UUID | None = None,
    *codes: str,
) -> None:
    """A rule in the draft."""
    rule = RuleInput(
        name=name,
        data_class=data_class,
        effect=effect,
        destination_zone=zone,
        destination_jurisdictions=codes,
    )
    add_rule(actor=actor, rule=rule, now=database_now())
