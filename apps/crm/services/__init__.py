"""Verbs on connections and snapshots."""

from apps.crm.services.connections import check_connection, connect_org, disconnect_org
from apps.crm.services.rights import give_rights, take_rights
from apps.crm.services.snapshots import take_snapshot

__all__ = [
    "check_connection",
    "connect_org",
    "disconnect_org",
    "give_rights",
    "take_rights",
    "take_snapshot",
]
