"""Recording a zone's rule about paths, and where instances are."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from apps.common.actors import Actor
from apps.common.errors import Invalid
from apps.common.text import require_text
from apps.crm import policies
from apps.crm.models import Connection, InstancePlace, PrivateZone
from apps.crm.paths import may_be_called
from apps.ledger import services as ledger
from apps.residency.models import Zone
from apps.residency.selectors import get_zone


@dataclass(frozen=True, slots=True)
class Reached:
    """One org under a zone's rule: whether it is called now, and whether it would be."""

    id: str
    name: str
    now: bool
    will: bool


def lock_rule(zone_id: UUID) -> bool:
    """Whether the zone asks for a private path; its row stays locked until the transaction ends."""
    Zone.objects.select_for_update().get(pk=zone_id)
    return bool(PrivateZone.objects.filter(zone_id=zone_id).exists())


def orgs_under(zone_id: UUID, *, private_only: bool) -> list[Reached]:
    """The connected orgs of a zone, by name, under the rule as it is and as it would be.

    Judged by the addresses of each org's last check, as calls are.
    """
    rows = Connection.objects.filter(zone_id=zone_id)
    rows = rows.exclude(state=Connection.State.DISCONNECTED).order_by("name", "id")
    ruled = bool(PrivateZone.objects.filter(zone_id=zone_id).exists())
    return [
        Reached(
            str(row.pk),
            row.name,
            may_be_called(row, private_only=ruled),
            may_be_called(row, private_only=private_only),
        )
        for row in rows
    ]


@transaction.atomic
def set_rule(*, actor: Actor, zone_id: UUID, private_only: bool, now: datetime) -> None:
    """Let a zone's orgs be called by private paths only, or by any again, once two people agreed.

    Holds for every org of the zone from the next call on. Raises `NotFound`.
    """
    zone = get_zone(zone_id=zone_id)
    if lock_rule(zone_id) == private_only:
        return
    if private_only:
        PrivateZone.objects.create(zone=zone)
    else:
        PrivateZone.objects.filter(zone=zone).delete()
    data = {"zone": str(zone.pk), "private_required": private_only}
    ledger.record(actor=actor, action="crm.path.changed", target=zone, at=now, data=data)


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
