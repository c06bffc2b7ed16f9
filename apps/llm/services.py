"""Registering endpoints and keeping their health."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.accounts import services as accounts
from apps.accounts.models import User
from apps.common import powers
from apps.common.actors import Actor, ServiceActor
from apps.common.errors import Invalid
from apps.common.jobs import enqueue
from apps.common.text import require_text
from apps.ledger import services as ledger
from apps.llm import selectors
from apps.llm.addresses import require_address
from apps.llm.models import Endpoint
from apps.residency.selectors import get_zone
from apps.tenancy import policies

REGISTER = "llm.endpoint.register"  # a decision that takes a code


@transaction.atomic
def register_endpoint(
    *,
    actor: User,
    name: str,
    base_url: str,
    zone_id: UUID,
    model: str,
    api_key: str,
    code: str,
    now: datetime,
) -> Endpoint:
    """Register a model endpoint, against a fresh code, and check it in the background.

    Raises `Denied`, `Invalid`, `WrongCode`.
    """
    policies.may(actor, powers.MANAGE_POLICY).require()
    endpoint = add_endpoint(
        actor=actor,
        name=name,
        base_url=base_url,
        zone_id=zone_id,
        model=model,
        api_key=api_key,
        now=now,
    )
    content = {"name": endpoint.name, "zone": str(zone_id), "address": endpoint.base_url}
    accounts.confirm(user=actor, code=code, decision=REGISTER, content=content, now=now)
    return endpoint


@transaction.atomic
def add_endpoint(
    *,
    actor: Actor,
    name: str,
    base_url: str,
    zone_id: UUID,
    model: str,
    api_key: str,
    now: datetime,
) -> Endpoint:
    """`register_endpoint` asking nobody: the command line's door. Raises `Invalid`."""
    name = require_text(name, field="name", label="The name", at_most=80)
    if Endpoint.objects.filter(name=name).exists():
        raise Invalid(f"There is an endpoint called {name} already.", field="name")
    endpoint: Endpoint = Endpoint.objects.create(
        name=name,
        base_url=require_address(base_url),
        zone=get_zone(zone_id=zone_id),
        model=require_text(model, field="model", label="The model", at_most=120),
        api_key=require_key(api_key),
    )
    data = {"zone": str(zone_id), "model": endpoint.model, "address": endpoint.base_url}
    ledger.record(actor=actor, action="llm.endpoint.registered", target=endpoint, at=now, data=data)
    enqueue("llm.check_endpoint", endpoint_id=endpoint.pk)
    return endpoint


def recheck_endpoint(*, actor: Actor, endpoint_id: UUID) -> Endpoint:
    """Ask for a check now. Raises `Denied`, `NotFound`."""
    policies.may(actor, powers.MANAGE_POLICY).require()
    endpoint = selectors.get_endpoint(endpoint_id=endpoint_id)
    enqueue("llm.check_endpoint", endpoint_id=endpoint.pk)
    return endpoint


@transaction.atomic
def note_health(*, endpoint_id: UUID, healthy: bool, code: str, words: str, now: datetime) -> None:
    """Keep what a check saw. `code` is stable and goes to the ledger, `words` to the page."""
    endpoint = selectors.get_endpoint(endpoint_id=endpoint_id)
    endpoint.state = Endpoint.State.HEALTHY if healthy else Endpoint.State.FAILING
    endpoint.health, endpoint.checked_at = words[:300], now
    endpoint.save(update_fields=["state", "health", "checked_at"])
    ledger.record(
        actor=ServiceActor("llm"),
        action="llm.endpoint.checked",
        target=endpoint,
        at=now,
        data={"state": endpoint.state, "code": code},
    )


def require_key(api_key: str) -> str:
    """A key as servers take them. Raises `Invalid`."""
    key = require_text(api_key, field="api_key", label="The key", at_most=500)
    if not key.isascii() or any(char.isspace() for char in key):
        raise Invalid("The key holds blanks or letters that no key has.", field="api_key")
    return key
