"""What accounts record. Sign-ins belong to a person, and are recorded in the tenant they enter."""

from apps.ledger.registry import register

register(
    {
        "accounts.factor.proved": "Proved a fresh second factor for one decision",
        "accounts.factor.failed": "Entered a wrong or used second factor",
    }
)
