"""What each kind of change has to know about its things."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.accounts.models import User
from apps.common.actors import Actor
from apps.common.decisions import Decision

Value = dict[str, Any]  # a configuration as JSON, without secrets
Secrets = dict[str, str]  # by name; kept sealed, never shown
NEW_SECRETS = "new_secrets"  # where a configuration names its secrets, by their digests


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


@dataclass(frozen=True, slots=True)
class Probe:
    """A look that leaves the machine, run with no scope open; `doing` says it in words."""

    name: str
    doing: str
    run: Callable[[UUID], Check]


class Kind(ABC):
    """One kind. `target` names a thing within it; unknown ones raise `NotFound`.

    All methods run inside the open scope's transaction; what `probes` returns runs outside.
    """

    @abstractmethod
    def name_of(self, target: str) -> str:
        """What people call the thing."""

    def one_spelling(self, target: str) -> str:
        """The same name for however a target's id was written: `UUID` reads braces, capitals and
        leaves out hyphens, and a thing has one history and one open proposal only."""
        try:
            return str(UUID(target))
        except ValueError:
            return target

    def is_over(self, target: str) -> bool:
        """Whether the thing has ended for good, so that nothing of it may be kept waiting."""
        return False

    @abstractmethod
    def read(self, target: str) -> Value:
        """The configuration now, its row locked until the transaction ends."""

    @abstractmethod
    def checked(self, target: str, given: Value) -> Value:
        """The wanted configuration in canonical form. Raises `Invalid` naming field and fix."""

    def checked_secrets(self, target: str, wanted: Value, given: Mapping[str, str]) -> Secrets:
        """New secrets that come with it. Raises `Invalid`."""
        return {}

    @abstractmethod
    def may_propose(self, actor: Actor, target: str) -> Decision:
        """Whether this actor may touch this thing at all."""

    @abstractmethod
    def may_approve(self, actor: Actor, target: str) -> Decision:
        """Whether this actor has authority over this thing."""

    @abstractmethod
    def preflight(self, target: str, wanted: Value, *, now: datetime) -> Value:
        """What the change would do (see `apps.changes.preflight` for its forms)."""

    def secrets_before(self, target: str, wanted: Value) -> Secrets:
        """The secrets that `put` would displace, for going back."""
        return {}

    def put(
        self,
        target: str,
        wanted: Value,
        *,
        secrets: Secrets,
        actor: Actor,
        by: User,
        now: datetime,
    ) -> None:
        """Make it so; as going back does where nothing else has to be seen to.

        `actor` acts, `by` approved it. Raises `DomainError` when it cannot be.
        """
        self.put_back(target, wanted, secrets=secrets, actor=actor, now=now)

    @abstractmethod
    def put_back(
        self, target: str, value: Value, *, secrets: Secrets, actor: Actor, now: datetime
    ) -> None:
        """Restore a configuration that was in force before, with the secrets it had."""

    def probes(self, target: str) -> list[Probe]:
        """Looks that leave the machine, each in a moment without a transaction."""
        return []

    @abstractmethod
    def check(
        self, target: str, wanted: Value, *, preflight: Value, since: datetime, now: datetime
    ) -> list[Check]:
        """Look at the thing as it is now, after `wanted` was put at `since`."""

    @abstractmethod
    def lines(self, base: Value, wanted: Value) -> list[Line]:
        """The readable difference."""


def in_force(passed: bool) -> Check:
    """Whether what stands is what was approved."""
    words = "What was approved is in force." if passed else "Something else is in force."
    return Check("in-force", passed, words)


def same_but_secrets(one: Value, other: Value) -> bool:
    """Whether two configurations agree in all that is not secret."""
    names = (one.keys() | other.keys()) - {NEW_SECRETS}
    return all(one.get(name) == other.get(name) for name in names)


def folded(rows: list[Line]) -> list[Line]:
    """Those that change, and one that names the rest."""
    same = ", ".join(row.label for row in rows if row.before == row.after)
    changed = [row for row in rows if row.before != row.after]
    return [*changed, *([Line("The rest", same, same)] if same else [])]


def secret_lines(wanted: Value, labels: Mapping[str, str]) -> list[Line]:
    """One line for each secret that is replaced, named by the beginning of its digest."""
    return [
        Line(labels[name], "as it is", f"a new one ({digest[:12]}…)")
        for name, digest in sorted(wanted.get(NEW_SECRETS, {}).items())
    ]
