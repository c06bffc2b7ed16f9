"""Verbs on connections and snapshots."""

from apps.crm.services.connections import (
    Typed,
    check_connection,
    connect_org,
    disconnect_org,
    request_check,
)
from apps.crm.services.rights import give_rights, take_rights
from apps.crm.services.snapshots import take_snapshot

__all__ = [
    "Typed",
    "check_connection",
    "connect_org",
    "disconnect_org",
    "give_rights",
    "request_check",
    "take_rights",
    "take_snapshot",
]
