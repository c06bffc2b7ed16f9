"""The demo: two made-up tenants, and the main job run from start to end."""

from apps.common import apps as base


class DemoConfig(base.BaseConfig):
    default = True
    name = "apps.demo"
    label = "demo"
