"""What exactly is signed: SHA-256 over the RFC 8785 canonical form of everything that was asked."""

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import rfc8785


def hash_of(
    *,
    tenant_id: UUID,
    requester_id: UUID,
    requester_person: UUID,
    connection_id: UUID,
    scope: dict[str, Any],
    networks: list[str],
    duration: timedelta,
    justification: str,
    case_reference: str,
    policy_version: int,
    quorum: dict[str, int],
) -> str:
    """The hash that approvals sign, in hexadecimal. Any change of any part gives another one."""
    document: dict[str, Any] = {
        "v": 1,
        "tenant": str(tenant_id),
        "requester": str(requester_id),
        "requester_person": str(requester_person),
        "connection": str(connection_id),
        "scope": scope,
        "networks": networks,
        "duration_seconds": int(duration.total_seconds()),
        "justification": justification,
        "case_reference": case_reference,
        "policy_version": policy_version,
        "quorum": {str(role): count for role, count in quorum.items()},
    }
    return hashlib.sha256(rfc8785.dumps(document)).hexdigest()
