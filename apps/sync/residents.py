"""Orgs lie in zones; the policy page names them."""

from uuid import UUID

from apps.crm.models import Connection
from apps.crm.selectors import list_connections
from apps.residency.residents import introduce


def _orgs() -> list[tuple[UUID, str]]:
    rows = list_connections().exclude(state=Connection.State.DISCONNECTED)
    return [(row.zone_id, row.name) for row in rows]


introduce("Orgs", _orgs)
