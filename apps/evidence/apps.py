"""Signed audit packs."""

from apps.common import apps as base


class EvidenceConfig(base.BaseConfig):
    default = True
    name = "apps.evidence"
    label = "evidence"
