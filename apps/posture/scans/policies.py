"""Who may scan, and who may take a report away."""

from apps.common import powers
from apps.common.actors import Actor
from apps.common.decisions import Decision
from apps.crm import policies as crm
from apps.crm.models import Connection
from apps.tenancy import policies as tenancy


def may_scan(actor: Actor, connection: Connection | None) -> Decision:
    """Whoever operates the org; without an org, whoever may scan at all."""
    allowed = tenancy.may(actor, powers.SCAN_METADATA)
    if connection is None or not allowed.allowed:
        return allowed
    return crm.may_operate(actor, connection)


def may_export(actor: Actor) -> Decision:
    """Downloads are a power of their own."""
    return tenancy.may(actor, powers.EXPORT)
