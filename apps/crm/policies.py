"""Who may connect, operate and read an org."""

from apps.common import powers
from apps.common.actors import Actor
from apps.common.decisions import Decision
from apps.crm.models import Connection
from apps.tenancy import policies as tenancy
from apps.tenancy.roles import Role

OPERATE = "crm.operate_connection"
# The rights on one org that come with each role; given at connect, and per member afterwards.
RIGHTS_OF_ROLE: dict[str, tuple[str, ...]] = {
    Role.TENANT_ADMIN: ("operate_connection", "review_connection"),
    Role.OPERATOR: ("operate_connection",),
    Role.LEGAL_APPROVER: ("approve_emergency",),
    Role.IT_APPROVER: ("approve_emergency",),
    Role.REVIEWER: ("review_connection",),
    Role.AUDITOR: ("export_connection",),
}


def may_connect(actor: Actor) -> Decision:
    """Connecting and disconnecting orgs, and rights on them: tenant admins."""
    return tenancy.may(actor, powers.MANAGE_CONNECTIONS)


def may_operate(actor: Actor, connection: Connection) -> Decision:
    """Checking an org and taking snapshots: whoever operates it."""
    return tenancy.may_on(actor, powers.READ_APPS, target=connection, grant=OPERATE)


def may_keep_logs(actor: Actor) -> Decision:
    """For how long event logs are kept, and from when on a volume is unusual: tenant admins."""
    return tenancy.may(actor, powers.MANAGE_POLICY)


def rights_for(roles: frozenset[str]) -> frozenset[str]:
    """The rights on an org that these roles come with."""
    return frozenset(right for role in roles for right in RIGHTS_OF_ROLE.get(role, ()))
