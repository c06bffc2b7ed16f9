"""Tenants, who belongs to them, and what their roles may do."""

from apps.common import apps as base


class TenancyConfig(base.BaseConfig):
    default = True
    name = "apps.tenancy"
    label = "tenancy"
