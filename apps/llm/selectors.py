"""Reads of endpoints."""

from uuid import UUID

from django.db import models

from apps.common import powers
from apps.common.actors import Actor
from apps.common.errors import NotFound
from apps.llm.models import Endpoint
from apps.tenancy import policies


def list_endpoints() -> models.QuerySet[Endpoint]:
    """Endpoints of the open tenant with their zones, by name."""
    return Endpoint.objects.select_related("zone").order_by("name").defer("api_key")


def get_endpoint_for(*, actor: Actor, endpoint_id: UUID) -> Endpoint:
    """One endpoint that the actor may see. Raises `Denied`, `NotFound`."""
    policies.may(actor, powers.READ_OVERVIEW).require()
    return get_endpoint(endpoint_id=endpoint_id)


def get_endpoint(*, endpoint_id: UUID) -> Endpoint:
    """One endpoint of the open tenant, for background work. Raises `NotFound`."""
    endpoint: Endpoint | None = (
        Endpoint.objects.select_related("zone").filter(id=endpoint_id).first()
    )
    if endpoint is None:
        raise NotFound("There is no such endpoint here.")
    return endpoint
