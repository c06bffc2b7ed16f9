"""Model endpoints: where they are and how they do."""

from importlib import import_module

from apps.common import apps as base


class LlmConfig(base.BaseConfig):
    default = True
    name = "apps.llm"
    label = "llm"

    def ready(self) -> None:
        super().ready()
        import_module(f"{self.name}.residents")
