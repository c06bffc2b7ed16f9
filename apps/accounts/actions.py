"""What accounts record. Sign-ins belong to a person, and are recorded in the tenant they enter."""

from apps.ledger.registry import register

register(
    {
        "accounts.factor.proved": "Proved a fresh second factor for one decision",
        "accounts.factor.failed": "Entered a wrong or used second factor",
    },
    area="Second factors",
    things={
        "accounts.user": "person",
        "accounts.freshfactor": "second factor",
        "accounts.authenticator": "authenticator",
        "accounts.recoverycodes": "recovery codes",
    },
)
