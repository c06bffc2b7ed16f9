"""Emergency access."""

from apps.common import apps as base


class BreakglassConfig(base.BaseConfig):
    default = True
    name = "apps.breakglass"
    label = "breakglass"
