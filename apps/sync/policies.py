"""Who may make and run jobs."""

from apps.common import powers
from apps.common.actors import Actor
from apps.common.decisions import Decision
from apps.crm.models import Connection
from apps.tenancy import policies as tenancy

GRANT = "crm.operate_connection"


def may_run_on(actor: Actor, connection: Connection) -> Decision:
    """Making and running jobs takes the power to run sync and the right to operate the org."""
    return tenancy.may_on(actor, powers.RUN_SYNC, target=connection, grant=GRANT)
