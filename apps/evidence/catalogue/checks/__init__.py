"""Every check, one module an area. Importing this package registers them all."""

from apps.evidence.catalogue.checks import (
    custody,
    emergencies,
    evidence,
    findings,
    flows,
    handling,
    ledger,
    orgs,
    people,
    reviews,
)
from apps.evidence.catalogue.registry import all_checks

__all__ = [
    "all_checks",
    "custody",
    "emergencies",
    "evidence",
    "findings",
    "flows",
    "handling",
    "ledger",
    "orgs",
    "people",
    "reviews",
]
