"""Tenants, memberships, and object grants that know their tenant."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from guardian.models.models import GroupObjectPermissionAbstract, UserObjectPermissionAbstract

from apps.common.scope import current_tenant_id
from apps.tenancy.roles import Role


class Tenant(models.Model):
    """An organisation. Visible to its members, inside its scope or from their own account."""

    row_security: ClassVar[str] = "the tenant in scope, and tenants of the person in scope"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One role of one person in one tenant."""

    row_security: ClassVar[str] = "rows of the tenant in scope, and the person's own"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(max_length=20, choices=Role)
    since_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "user", "role"], name="a_role_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="membership_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} as {self.role}"


class UserGrant(UserObjectPermissionAbstract):
    """Guardian's grant of one object to one person, with the tenant that it belongs to."""

    row_security: ClassVar[str] = "rows of the tenant in scope"

    id = models.BigAutoField(editable=False, unique=True, primary_key=True)
    tenant = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, related_name="+", default=current_tenant_id
    )

    class Meta(UserObjectPermissionAbstract.Meta):
        abstract = False


class GroupGrant(GroupObjectPermissionAbstract):
    """Guardian's grant of one object to a group, with the tenant that it belongs to."""

    row_security: ClassVar[str] = "rows of the tenant in scope"

    id = models.BigAutoField(editable=False, unique=True, primary_key=True)
    tenant = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, related_name="+", default=current_tenant_id
    )

    class Meta(GroupObjectPermissionAbstract.Meta):
        abstract = False
