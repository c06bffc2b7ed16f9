"""Recording a zone's rule about paths, and where instances are."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from apps.common.actors import Actor
from apps.common.errors import Invalid
from apps.common.text import require_text
from apps.crm import policies, selectors
from apps.crm.models import Connection, InstancePlace, PrivateZone
from apps.ledger import services as ledger


@transaction.atomic
def require_private_path(
    *, actor: Actor, connection_id: UUID, required: bool, now: datetime
) -> Connection:
    """Let the zone of this org be reached by private paths only, or by any again.

    Holds for every org of the zone. Raises `Denied`, `NotFound`.
    """
    policies.may_connect(actor).require()
    connection = selectors.lock_connection_for(actor=actor, connection_id=connection_id)
    rows = PrivateZone.objects.filter(zone_id=connection.zone_id)
    if rows.exists() == required:
        return connection
    if required:
        PrivateZone.objects.create(zone_id=connection.zone_id)
    else:
        rows.delete()
    data = {"zone": str(connection.zone_id), "private_required": required}
    ledger.record(actor=actor, action="crm.path.changed", target=connection, at=now, data=data)
    return connection


@transaction.atomic
def set_place(
    *, actor: Actor, prefix: str, place: str, source: str, source_on: date, now: datetime
) -> InstancePlace:
    """Say where instances whose names begin like this are, by which source and of which day.

    Raises `Denied`, `Invalid`.
    """
    policies.may_connect(actor).require()
    name = require_text(prefix, field="prefix", label="The beginning", at_most=20).upper()
    if not name.isalnum():
        raise Invalid("An instance's name has letters and digits only.", field="prefix")
    values = {
        "place": require_text(place, field="place", label="The place", at_most=120),
        "source": require_text(source, field="source", label="The source", at_most=255),
        "source_on": source_on,
    }
    row, _ = InstancePlace.objects.update_or_create(prefix=name, defaults=values)
    data = {"prefix": name, "source_on": source_on.isoformat()}
    ledger.record(actor=actor, action="crm.place.changed", target=row, at=now, data=data)
    return row
