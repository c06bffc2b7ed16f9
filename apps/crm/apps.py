"""Salesforce: connections, tokens, inventory."""

from apps.common import apps as base


class CrmConfig(base.BaseConfig):
    default = True
    name = "apps.crm"
    label = "crm"
