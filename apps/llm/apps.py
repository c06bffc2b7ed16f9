"""Model endpoints."""

from apps.common import apps as base


class LlmConfig(base.BaseConfig):
    default = True
    name = "apps.llm"
    label = "llm"
