"""What tenancy records."""

from apps.ledger.registry import register

register(
    {
        "tenancy.tenant.created": "Created the tenant",
        "tenancy.session.entered": "Entered the tenant, signed in with a second factor",
        "tenancy.member.added": "Gave a person a role",
        "tenancy.member.removed": "Took a role from a person",
    },
    area="People and roles",
    things={
        "tenancy.tenant": "tenant",
        "tenancy.membership": "role of a person",
        "tenancy.usergrant": "right of a person",
        "tenancy.groupgrant": "right of a group",
    },
    named={
        "tenancy.tenant": "name",
        "tenancy.membership": "user__name",
    },
)
