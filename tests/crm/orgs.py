"""Connections of the cast's tenants to a running sandbox org."""

from pathlib import Path
from typing import Any
from uuid import UUID

from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.crm import services
from apps.crm.models import Connection
from apps.crm.services.connections import Typed
from apps.residency.models import Zone
from tests.cast import Cast, code_for
from tests.fakes.sandbox import RunningSandbox


def host_of(sandbox: RunningSandbox) -> str:
    return sandbox.url.removeprefix("https://")


def typed_for(sandbox: RunningSandbox, zone: Zone, **other: Any) -> Typed:
    """What Alice types to connect the sandbox by JWT."""
    values: dict[str, Any] = {
        "name": "acme-prod",
        "host": host_of(sandbox),
        "zone_id": str(zone.pk),
        "flow": "jwt_bearer",
        "client_id": sandbox.info["consumer_key"],
        "username": sandbox.info["username"],
        "private_key": Path(sandbox.info["private_key"]).read_text(),
    }
    return Typed(**{**values, **other})


def make_zone(name: str = "EU core") -> Zone:
    zone: Zone = Zone.objects.create(
        name=name, slug=name.lower().replace(" ", "-"), jurisdictions=["DE", "FR"]
    )
    return zone


def consented(sandbox: RunningSandbox) -> dict[str, Any]:
    """What to type for a connection by a refresh token that a user's consent brought."""
    wanted = {"app": "Bailiwick Console", "username": sandbox.info["username"]}
    return {
        "flow": "refresh_token",
        "client_secret": sandbox.info["consumer_secret"],
        "refresh_token": sandbox.admin("POST", "authorize", json=wanted)["refresh_token"],
    }


def connect(cast: Cast, sandbox: RunningSandbox, **other: Any) -> Connection:
    """Acme's connection, not checked yet."""
    with cast.at_acme("alice") as alice:
        zone = Zone.objects.filter(slug="eu-core").first() or make_zone()
        typed = typed_for(sandbox, zone, **other)
        return services.connect_org(
            actor=alice, typed=typed, code=code_for(alice), now=database_now()
        )


def check(cast: Cast, connection: Connection) -> Connection:
    """Run the check as the worker does, and read the outcome."""
    services.check_connection(tenant_id=cast.acme.pk, connection_id=connection.pk)
    return reread(cast.acme.pk, connection)


def reread(tenant_id: UUID, connection: Connection) -> Connection:
    with scoped(tenant_id=tenant_id):
        found: Connection = Connection.objects.select_related("zone").get(pk=connection.pk)
    return found
