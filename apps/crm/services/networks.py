"""The networks that an org's callers are approved to come from, once two people agreed.

The console watches them. What the org itself lets in is set in the org.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.common.actors import Actor
from apps.crm.models import Connection
from apps.crm.services.settings import lock_live
from apps.ledger import services as ledger


@transaction.atomic
def set_networks(
    *, actor: Actor, connection_id: UUID, networks: list[str], now: datetime
) -> Connection:
    """Checked CIDR networks; none means that callers may come from everywhere.

    Raises `NotFound`, `Conflict`.
    """
    connection = lock_live(connection_id)
    before, connection.networks = connection.networks, networks
    connection.save(update_fields=["networks"])
    ledger.record(
        actor=actor,
        action="crm.networks.changed",
        target=connection,
        at=now,
        data={"before": before, "networks": networks},
    )
    return connection
