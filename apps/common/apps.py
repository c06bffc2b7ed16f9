"""The base every app's configuration stands on, and the ground floor's own."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig


class BaseConfig(AppConfig):
    """Loads what an app declares besides its models: recorded actions, checks, tasks, and where
    the ledger tells of its things (`traces`)."""

    default = False
    default_auto_field = "django.db.models.BigAutoField"
    declares = ("actions", "checks", "tasks", "traces")

    def ready(self) -> None:
        for module in self.declares:
            name = f"{self.name}.{module}"
            if find_spec(name):
                import_module(name)


class CommonConfig(BaseConfig):
    default = True
    name = "apps.common"
    label = "common"
