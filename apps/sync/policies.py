"""Who may make and run jobs."""

from apps.common import powers
from apps.common.actors import Actor
from apps.common.decisions import Decision, deny
from apps.crm.models import Connection
from apps.tenancy import policies as tenancy

GRANT = "crm.operate_connection"


def may_run_on(actor: Actor, connection: Connection) -> Decision:
    """Making and running jobs takes the power to run sync and the right to operate the org."""
    return tenancy.may_on(actor, powers.RUN_SYNC, target=connection, grant=GRANT)


def may_go_on(starter: Actor | None, connection: Connection) -> Decision:
    """Whether a run may work for the person who started it, as of now."""
    if starter is None:
        return deny("starter-left", "The person who started this run is no longer a member here.")
    return may_run_on(starter, connection)
