"""Jobs between the CRM and the models."""

from importlib import import_module

from apps.common import apps as base


class SyncConfig(base.BaseConfig):
    default = True
    name = "apps.sync"
    label = "sync"

    def ready(self) -> None:
        super().ready()
        import_module(f"{self.name}.residents")
