"""Tenants, who belongs to them, and what their roles may do."""

from apps.common import apps as base


class TenancyConfig(base.BaseConfig):
    default = True
    name = "apps.tenancy"
    label = "tenancy"

    def ready(self) -> None:
        super().ready()
        from apps.ledger.tenants import introduce_tenants  # noqa: PLC0415  models load after apps
        from apps.tenancy.selectors import current_tenant, find_tenant_id, list_tenant_ids  # noqa: PLC0415

        introduce_tenants(list_tenant_ids, find_tenant_id, lambda: current_tenant().slug)
