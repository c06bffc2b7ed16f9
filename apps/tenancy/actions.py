"""What tenancy records."""

from apps.ledger.registry import register

register(
    {
        "tenancy.tenant.created": "Created the tenant",
        "tenancy.session.entered": "Entered the tenant, signed in with a second factor",
        "tenancy.member.added": "Gave a person a role",
        "tenancy.member.removed": "Took a role from a person",
    }
)
