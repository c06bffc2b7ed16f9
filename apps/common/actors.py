"""Who does things. Every act has an actor: a person, or a service that is named."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@runtime_checkable
class Actor(Protocol):
    """Anyone the ledger can name."""

    @property
    def actor_ref(self) -> str:
        """`user:<uuid>` or `service:<name>`; holds no personal data."""


@dataclass(frozen=True, slots=True)
class ServiceActor:
    """Background work acts under its own name, never under nobody's."""

    name: str

    @property
    def actor_ref(self) -> str:
        return f"service:{self.name}"
