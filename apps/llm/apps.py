"""Model endpoints: where they are and how they do."""

from apps.common import apps as base


class LlmConfig(base.BaseConfig):
    default = True
    name = "apps.llm"
    label = "llm"
    declares = (*base.BaseConfig.declares, "residents")
