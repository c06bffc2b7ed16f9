"""Making this host ready beforehand: its key, and each tenant's ledger knowing the public half."""

from uuid import UUID

from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.ledger import services
from apps.ledger.spool import key
from apps.ledger.tenants import all_tenants

_told: set[tuple[UUID, str]] = set()  # by this process; the event's id keeps it to one


def prepare_host() -> int:
    """Make the key if there is none and tell every tenant's ledger. Returns how many were told.

    Raises `CannotSpool`, `NotRecorded`, `OSError`.
    """
    name = key.make_host_key().name
    return sum(tell_tenant(tenant_id, name) for tenant_id in all_tenants())


def tell_tenant(tenant_id: UUID, name: str) -> bool:
    """Make a key known to one tenant's ledger; says whether it was new. Raises `NotRecorded`."""
    if (tenant_id, name) in _told:
        return False
    with scoped(tenant_id=tenant_id):
        is_new = key.known_since(name) is None
        if is_new:
            services.note(
                action=key.PREPARED,
                target_type="spool",
                target_id=name,
                at=database_now(),
                data={"host": key.HOST, "key": name},
                event_id=key.event_id_of(name),
            )
    _told.add((tenant_id, name))
    return is_new
