"""Jobs between the CRM and the models."""

from apps.common import apps as base


class SyncConfig(base.BaseConfig):
    default = True
    name = "apps.sync"
    label = "sync"
    declares = (*base.BaseConfig.declares, "residents")
