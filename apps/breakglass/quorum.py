"""When a request has the signatures it needs: a conjunction over roles of distinct people.

Pure. A person counts once, in the role of their first signature, whatever hats and accounts they
have; the requester never counts. No rule, or a role that asks for nobody, is never complete.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from uuid import UUID

Signature = tuple[UUID, str]  # person, role


def signers(signatures: Iterable[Signature], *, requester: UUID) -> dict[UUID, str]:
    """Each person who signed, with the one role they count in."""
    people: dict[UUID, str] = {}
    for person, role in signatures:
        if person != requester:
            people.setdefault(person, role)
    return people


def missing(
    signatures: Iterable[Signature], *, quorum: Mapping[str, int], requester: UUID
) -> dict[str, int]:
    """How many more people must sign, by role; roles that are complete are left out."""
    signed = Counter(signers(signatures, requester=requester).values())
    return {role: need - signed[role] for role, need in quorum.items() if signed[role] < need}


def is_complete(
    signatures: Iterable[Signature], *, quorum: Mapping[str, int], requester: UUID
) -> bool:
    """Whether every role has its people. An empty or zero quorum is a no, not a yes."""
    if not quorum or min(quorum.values()) < 1:
        return False
    return not missing(signatures, quorum=quorum, requester=requester)
