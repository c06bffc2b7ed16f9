"""Another address, zone, model or key for an endpoint, once two people agreed.

Called by what got their consent. What a person typed is checked here before it is proposed.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.common.actors import Actor
from apps.common.errors import Invalid, NotFound
from apps.common.jobs import enqueue
from apps.common.text import require_text
from apps.ledger import services as ledger
from apps.llm.addresses import require_address
from apps.llm.models import Endpoint
from apps.llm.services import require_key
from apps.residency.models import Zone
from apps.residency.selectors import get_zone

NAMES = ("base_url", "zone", "model")


def lock_endpoint(endpoint_id: UUID) -> Endpoint:
    """The row, locked until the transaction ends. Raises `NotFound`."""
    rows = Endpoint.objects.select_for_update(of=("self",))
    found: Endpoint | None = rows.filter(pk=endpoint_id).first()
    if found is None:
        raise NotFound("There is no such endpoint here.")
    return found


def settings_of(endpoint: Endpoint) -> dict[str, Any]:
    """Everything that can be changed of an endpoint, without its key."""
    return {
        "base_url": endpoint.base_url,
        "zone": str(endpoint.zone_id),
        "model": endpoint.model,
    }


def checked_settings(endpoint: Endpoint, given: Mapping[str, Any]) -> dict[str, Any]:
    """All settings with the given ones in their place. Raises `Invalid` naming field and fix."""
    wanted = {**settings_of(endpoint), **{name: given[name] for name in NAMES if name in given}}
    return {
        "base_url": require_address(str(wanted["base_url"])),
        "zone": str(_zone(str(wanted["zone"])).pk),
        "model": require_text(str(wanted["model"]), field="model", label="The model", at_most=120),
    }


def checked_key(given: Mapping[str, str]) -> dict[str, str]:
    """The new key, if one was given. Raises `Invalid`."""
    typed = given.get("api_key", "").strip()
    return {"api_key": require_key(typed)} if typed else {}


@transaction.atomic
def set_endpoint(
    *,
    actor: Actor,
    endpoint_id: UUID,
    settings: Mapping[str, Any],
    secrets: Mapping[str, str],
    now: datetime,
) -> Endpoint:
    """Put checked settings in force, with a new key when there is one. Raises `NotFound`."""
    endpoint = lock_endpoint(endpoint_id)
    before = settings_of(endpoint)
    endpoint.base_url, endpoint.model = settings["base_url"], settings["model"]
    endpoint.zone = get_zone(zone_id=UUID(settings["zone"]))
    endpoint.api_key = secrets.get("api_key", endpoint.api_key)
    endpoint.state = Endpoint.State.CHECKING
    endpoint.save()
    changed = sorted(name for name in NAMES if before[name] != settings[name])
    data = {"changed": changed, "new_key": bool(secrets), **settings_of(endpoint)}
    ledger.record(actor=actor, action="llm.endpoint.changed", target=endpoint, at=now, data=data)
    enqueue("llm.check_endpoint", endpoint_id=endpoint.pk)
    return endpoint


def _zone(typed: str) -> Zone:
    try:
        return get_zone(zone_id=UUID(typed))
    except (ValueError, NotFound) as error:
        raise Invalid("Choose the zone that the endpoint stands in.", field="zone") from error
