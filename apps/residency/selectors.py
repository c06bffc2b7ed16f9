"""Reads of zones, classes and policy versions."""

from functools import lru_cache
from uuid import UUID

from django.db import models

from apps.common.errors import NotFound
from apps.common.scope import current_tenant_id
from apps.residency.compiled import CompiledPolicy, compile_policy, hash_of
from apps.residency.errors import PolicyUnreadable
from apps.residency.models import FieldClass, FlowRule, PolicyVersion, Zone


def list_zones() -> models.QuerySet[Zone]:
    """Zones of the open tenant, by name."""
    return Zone.objects.order_by("name", "id")


def get_zone(*, zone_id: UUID) -> Zone:
    """One zone of the open tenant, or `NotFound`."""
    zone: Zone | None = Zone.objects.filter(id=zone_id).first()
    if zone is None:
        raise NotFound("There is no such zone here.")
    return zone


def list_field_classes() -> models.QuerySet[FieldClass]:
    """Classified fields as the next version will hold them, by object and field."""
    return FieldClass.objects.order_by("object_name", "field_name")


def current_version() -> PolicyVersion | None:
    """The version in force: the newest published one."""
    published = PolicyVersion.objects.filter(state=PolicyVersion.State.PUBLISHED)
    newest: PolicyVersion | None = published.order_by("-number").first()
    return newest


def current_draft() -> PolicyVersion | None:
    """The version being written, if anything changed since the last publishing."""
    draft: PolicyVersion | None = PolicyVersion.objects.filter(
        state=PolicyVersion.State.DRAFT
    ).first()
    return draft


def list_versions() -> models.QuerySet[PolicyVersion]:
    """All versions, newest first, with who published them."""
    return PolicyVersion.objects.select_related("published_by").order_by("-number")


def list_rules(version: PolicyVersion | None) -> list[FlowRule]:
    """A version's rules in order; none for no version."""
    if version is None:
        return []
    return list(version.rules.select_related("destination_zone").order_by("order"))


def compiled_policy() -> CompiledPolicy | None:
    """The open tenant's policy in force, compiled once per process and version; None without one.

    Raises `PolicyUnreadable` when the stored content is not what was published.
    """
    published = PolicyVersion.objects.filter(state=PolicyVersion.State.PUBLISHED)
    row = published.order_by("-number").values_list("content_hash", "number").first()
    return None if row is None else compiled_version(current_tenant_id(), *row)


def networks_in_force(zone_id: UUID) -> tuple[str, ...] | None:
    """The address ranges (CIDR) that a zone has in the policy in force.

    None when no policy is in force or it does not hold the zone; empty when it names no ranges.
    Raises `PolicyUnreadable`.
    """
    policy = compiled_policy()
    place = policy.places.get(str(zone_id)) if policy else None
    return place.networks if place else None


@lru_cache(maxsize=256)
def compiled_version(tenant_id: UUID, content_hash: str, number: int) -> CompiledPolicy:
    """One published version of the open tenant; `tenant_id` keeps tenants apart in the cache."""
    content = PolicyVersion.objects.values_list("content", flat=True).get(number=number)
    if content is None or hash_of(content) != content_hash:
        raise PolicyUnreadable(
            f"Policy version {number} is not what was published, so nothing may leave."
        )
    return compile_policy(content, number=number)
