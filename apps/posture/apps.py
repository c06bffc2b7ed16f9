"""Scopes of connected apps: approved, granted, and what deviates."""

from apps.common import apps as base


class PostureConfig(base.BaseConfig):
    default = True
    name = "apps.posture"
    label = "posture"
