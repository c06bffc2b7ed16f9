"""An org's health as its page shows it: budget, token, path, place."""

from dataclasses import dataclass
from datetime import datetime

from apps.crm import broker, paths
from apps.crm.budget.gate import standing
from apps.crm.models import Connection, InstancePlace, OrgToken

WIDTH = 1000  # of the bar, in its own units


@dataclass(frozen=True, slots=True)
class Bar:
    """Where the parts of a budget end in its bar, and what is left of each."""

    used_width: int
    ends_at: int
    left: int
    reserve_left: int
    spoken: str

    @property
    def reserve_width(self) -> int:
        return WIDTH - self.ends_at


@dataclass(frozen=True, slots=True)
class Budget:
    """Requests of 24 hours: used, allowed, kept; null is unknown, also for `running`."""

    used: int | None
    allowed: int | None
    reserve: int | None
    running: int | None
    at_once: int

    @property
    def tone(self) -> str:
        """How near ordinary calls are to their end."""
        if self.used is None or self.allowed is None or self.reserve is None:
            return "unknown"
        left = self.allowed - self.reserve - self.used
        if left <= 0:
            return "danger"
        return "attention" if left < self.allowed // 10 else "good"

    @property
    def words(self) -> str:
        """Who may spend what."""
        if self.allowed is None or self.reserve is None:
            return "Unknown until the org has answered once."
        return (
            f"Snapshots, checks, syncs and every other ordinary call end at"
            f" {self.allowed - self.reserve:,}. The last {self.reserve:,} only calls of an active"
            " break-glass session may spend."
        )

    @property
    def bar(self) -> "Bar | None":
        """The budget as a drawing and in a sentence for who cannot see it; None when unknown."""
        if not self.allowed or self.reserve is None or self.used is None:
            return None
        used, ends = min(self.used, self.allowed), self.allowed - self.reserve
        return Bar(
            used_width=round(WIDTH * used / self.allowed),
            ends_at=round(WIDTH * ends / self.allowed),
            left=max(0, ends - used),
            reserve_left=self.allowed - max(used, ends),
            spoken=f"{self.used:,} of {self.allowed:,} requests used, {max(0, ends - used):,} left"
            f" for ordinary calls, {self.allowed - max(used, ends):,} kept for emergency access.",
        )


@dataclass(frozen=True, slots=True)
class Path:
    """How the org is reached, what its host resolved to, and whether the zone asks for private."""

    words: str
    addresses: list[str]
    fits: bool | None
    private_required: bool


def budget_of(connection: Connection) -> Budget:
    """What all workers know now, or what the org told last when they cannot be asked."""
    now = standing(connection.pk)
    used, allowed = connection.api_used, connection.api_allowed
    if now is not None and now.allowed is not None:
        used, allowed = now.used, now.allowed
    reserve = None if allowed is None else -(-allowed * connection.reserve_percent // 100)
    running = now.running if now is not None else None
    return Budget(used, allowed, reserve, running, connection.calls_at_once)


def next_refresh(token: OrgToken | None) -> datetime | None:
    """When a sweeper will renew the token; None when there is none."""
    if token is None or token.expires_at is None:
        return None
    return token.expires_at - broker.REFRESH_AHEAD


def path_of(connection: Connection) -> Path:
    """The recorded path against the addresses of the last check."""
    recorded = connection.path == Connection.Path.PRIVATE_CONNECT
    addresses = list(connection.resolved_to)
    fits = paths.is_private(addresses) if recorded and addresses else None
    required = paths.is_private_required(connection)
    if required and not recorded:
        fits = False
    words = str(Connection.Path(connection.path).label)
    return Path(words, addresses, fits, required)


def place_of(connection: Connection) -> InstancePlace | None:
    """Where the tenant's own table says that the org's instance is; the longest beginning wins."""
    name = connection.instance_name.upper()
    if not name:
        return None
    fitting = [each for each in InstancePlace.objects.all() if name.startswith(each.prefix)]
    return max(fitting, key=lambda each: len(each.prefix), default=None)
