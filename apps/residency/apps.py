"""Zones, classifications and the one decision point for flows."""

from apps.common import apps as base


class ResidencyConfig(base.BaseConfig):
    default = True
    name = "apps.residency"
    label = "residency"
