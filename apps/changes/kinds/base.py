"""What each kind of change has to know about its things."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol

from apps.accounts.models import User
from apps.common.actors import Actor
from apps.common.decisions import Decision

Value = dict[str, Any]  # a configuration as JSON, without secrets


@dataclass(frozen=True, slots=True)
class Check:
    """One look at an applied change: what was looked at, how it stands, in words."""

    name: str
    passed: bool
    words: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Line:
    """One part of a configuration for the page: before and after, in words."""

    label: str
    before: str
    after: str


class Kind(Protocol):
    """One kind. `target` names a thing within it; unknown ones raise `NotFound`.

    All methods run inside the open scope's transaction.
    """

    def name_of(self, target: str) -> str:
        """What people call the thing."""

    def read(self, target: str) -> Value:
        """The configuration now, its row locked until the transaction ends."""

    def checked(self, target: str, given: Value) -> Value:
        """The wanted configuration in canonical form. Raises `Invalid` naming field and fix."""

    def may_propose(self, actor: Actor, target: str) -> Decision:
        """Whether this actor may touch this thing at all."""

    def may_approve(self, actor: Actor, target: str) -> Decision:
        """Whether this actor has authority over this thing."""

    def preflight(self, target: str, wanted: Value, *, now: datetime) -> Value:
        """What the change would do to known callers (see `apps.changes.preflight`)."""

    def put(self, target: str, wanted: Value, *, actor: Actor, by: User, now: datetime) -> None:
        """Make it so. `actor` acts, `by` approved it. Raises `DomainError` when it cannot be."""

    def put_back(self, target: str, value: Value, *, actor: Actor, now: datetime) -> None:
        """Restore a configuration that was in force before."""

    def check(self, target: str, wanted: Value, *, preflight: Value, now: datetime) -> list[Check]:
        """Look at the thing as it is now, after `wanted` was put."""

    def lines(self, base: Value, wanted: Value) -> list[Line]:
        """The readable difference."""
