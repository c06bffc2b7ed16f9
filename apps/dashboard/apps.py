"""The home page and the menus."""

from apps.common import apps as base


class DashboardConfig(base.BaseConfig):
    default = True
    name = "apps.dashboard"
    label = "dashboard"
