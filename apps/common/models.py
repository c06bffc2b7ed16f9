"""The two kinds of table: a tenant's, and declared tenant-free. There is no third."""

import uuid
from typing import TypeVar

from django.db import models

from apps.common.scope import current_tenant_id

M = TypeVar("M", bound=models.Model)


class TenantManager(models.Manager[M]):
    """Sees the open scope's tenant only; raises `NoScope` outside one."""

    def get_queryset(self) -> models.QuerySet[M]:
        return super().get_queryset().filter(tenant_id=current_tenant_id())


class TenantOwned(models.Model):
    """A row that belongs to one tenant.

    Three locks: this manager, PostgreSQL row security (see `apps.common.rls.isolate`, which every
    such table's migration must call) and foreign keys that include the tenant.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(
        "tenancy.Tenant",
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        default=current_tenant_id,
    )

    objects = TenantManager()

    class Meta:
        abstract = True
