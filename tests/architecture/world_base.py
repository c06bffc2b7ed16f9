"""What every part of the made-up world is given."""

from dataclasses import dataclass, field
from datetime import datetime

from apps.accounts.models import User
from apps.tenancy.models import Tenant

MARK = "Kestrel"


@dataclass
class World:
    """What was made. `values` is keyed by the names of path parameters.

    `owner` is who looks on; `other` asks for emergency access, so that the owner may decide on it.
    """

    tenant: Tenant
    owner: User
    size: int
    now: datetime
    other: User
    values: dict[str, str] = field(default_factory=dict)


def word(kind: str, number: int) -> str:
    """A name that a person could have typed."""
    return f"{MARK} {kind} {number:02}"
