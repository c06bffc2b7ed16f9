"""The roles a person can hold in a tenant, and the powers that come with each."""

from django.db import models

from apps.common import powers


class Role(models.TextChoices):
    """What someone is in a tenant. One person may hold several; quorums still count them once."""

    TENANT_ADMIN = "tenant_admin", "Tenant admin"
    OPERATOR = "operator", "Operator"
    LEGAL_APPROVER = "legal_approver", "Legal approver"
    IT_APPROVER = "it_approver", "IT approver"
    REVIEWER = "reviewer", "Reviewer"
    AUDITOR = "auditor", "Auditor"


EVERYONE = frozenset({powers.READ_OVERVIEW, powers.READ_EMERGENCY})
POWERS: dict[str, frozenset[str]] = {
    Role.TENANT_ADMIN: EVERYONE
    | {
        powers.MANAGE_CONNECTIONS,
        powers.MANAGE_MEMBERS,
        powers.MANAGE_KEYS,
        powers.MANAGE_POLICY,
        powers.APPROVE_BASELINE,
        powers.READ_APPS,
        powers.READ_SYNC,
        powers.READ_LEDGER,
        powers.READ_PERSONAL,
        powers.READ_CONTROLS,
        powers.READ_REVIEWS,
        powers.OPEN_REVIEW,
        powers.REQUEST_EMERGENCY,
        powers.END_EMERGENCY,
        powers.MANAGE_API_TOKENS,
        powers.RUN_SYNC,
        powers.SCAN_METADATA,
        powers.READ_CHANGES,
        powers.PROPOSE_CHANGE,
        powers.APPROVE_CHANGE,
    },
    Role.OPERATOR: EVERYONE
    | {
        powers.SCAN_METADATA,
        powers.RUN_SYNC,
        powers.READ_SYNC,
        powers.READ_APPS,
        powers.REQUEST_EMERGENCY,
        powers.MANAGE_API_TOKENS,
        powers.READ_CHANGES,
        powers.PROPOSE_CHANGE,
    },
    Role.LEGAL_APPROVER: EVERYONE
    | {powers.APPROVE_EMERGENCY, powers.END_EMERGENCY, powers.READ_CONTROLS},
    Role.IT_APPROVER: EVERYONE
    | {
        powers.APPROVE_EMERGENCY,
        powers.END_EMERGENCY,
        powers.READ_APPS,
        powers.READ_CONTROLS,
        powers.READ_CHANGES,
        powers.APPROVE_CHANGE,
    },
    Role.REVIEWER: EVERYONE | {powers.READ_REVIEWS, powers.DECIDE_REVIEW, powers.READ_APPS},
    Role.AUDITOR: EVERYONE
    | {
        powers.READ_APPS,
        powers.READ_SYNC,
        powers.READ_LEDGER,
        powers.READ_PERSONAL,
        powers.READ_REVIEWS,
        powers.READ_CONTROLS,
        powers.READ_CHANGES,
        powers.EXPORT,
    },
}


def powers_of(roles: frozenset[str]) -> frozenset[str]:
    """Every power that any of the roles gives."""
    return frozenset().union(*(POWERS[role] for role in roles)) if roles else frozenset()
