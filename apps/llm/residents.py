"""Endpoints lie in zones; the policy page names them."""

from uuid import UUID

from apps.llm import selectors
from apps.residency.residents import introduce


def _endpoints() -> list[tuple[UUID, str]]:
    return [(row.zone_id, row.name) for row in selectors.list_endpoints()]


introduce("Endpoints", _endpoints)
