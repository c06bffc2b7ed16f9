"""Proposed changes."""

from apps.common import apps as base


class ChangesConfig(base.BaseConfig):
    default = True
    name = "apps.changes"
    label = "changes"
