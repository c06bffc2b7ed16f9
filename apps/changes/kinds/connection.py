"""How the console reaches an org: host, way to sign in, path, budget."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from apps.changes import preflight as preflights
from apps.changes.kinds.base import (
    NEW_SECRETS,
    Check,
    Kind,
    Line,
    Probe,
    Secrets,
    Value,
    folded,
    in_force,
    same_but_secrets,
    secret_lines,
)
from apps.common import powers
from apps.common.actors import Actor
from apps.common.decisions import Decision
from apps.common.errors import DomainError, NotFound
from apps.crm import broker, errors, policies, services
from apps.crm.models import Connection
from apps.crm.selectors import NO_CONNECTION
from apps.crm.services import settings
from apps.tenancy import policies as tenancy

LABELS = {
    "host": "Host",
    "flow": "Signs in by",
    "client_id": "Consumer key",
    "username": "User",
    "path": "Path",
    "reserve_percent": "Kept for emergencies (%)",
    "calls_at_once": "Calls at once",
}
SECRET_LABELS = {
    "private_key": "Private key",
    "client_secret": "Consumer secret",
    "refresh_token": "Refresh token",
}
WORDS = {"flow": dict(Connection.Flow.choices), "path": dict(Connection.Path.choices)}


class ConnectionKind(Kind):
    """`{"host", "flow", "client_id", "username", "path", "reserve_percent", "calls_at_once"}`."""

    def name_of(self, target: str) -> str:
        return connection_of(target).name

    def is_over(self, target: str) -> bool:
        return connection_of(target).state == Connection.State.DISCONNECTED

    def read(self, target: str) -> Value:
        locked = settings.lock_live(connection_of(target).pk)
        return {**settings.settings_of(locked), NEW_SECRETS: {}}

    def checked(self, target: str, given: Value) -> Value:
        return settings.checked_settings(connection_of(target), given)

    def checked_secrets(self, target: str, wanted: Value, given: Mapping[str, str]) -> Secrets:
        before = settings.settings_of(connection_of(target))
        return settings.checked_secrets(before, wanted, given)

    def may_propose(self, actor: Actor, target: str) -> Decision:
        """Whoever may connect orgs."""
        connection_of(target)
        return policies.may_connect(actor)

    def may_approve(self, actor: Actor, target: str) -> Decision:
        connection_of(target)
        return tenancy.may(actor, powers.APPROVE_CHANGE)

    def preflight(self, target: str, wanted: Value, *, now: datetime) -> Value:
        return preflights.nothing_to_tell(
            "This changes how the console reaches the org. It keeps no other caller out."
        )

    def secrets_before(self, target: str, wanted: Value) -> Secrets:
        """All of them when any goes, else none."""
        connection = connection_of(target)
        if not wanted[NEW_SECRETS] and wanted["flow"] == connection.flow:
            return {}
        return {name: value for name, value in settings.secrets_of(connection).items() if value}

    def put_back(
        self, target: str, value: Value, *, secrets: Secrets, actor: Actor, now: datetime
    ) -> None:
        settings.set_settings(
            actor=actor, connection_id=UUID(target), settings=value, secrets=secrets, now=now
        )

    def probes(self, target: str) -> list[Probe]:
        connection_id = UUID(target)

        def signs_in(tenant_id: UUID) -> Check:
            return _signs_in(tenant_id, connection_id)

        def reads(tenant_id: UUID) -> Check:
            return _reads(tenant_id, connection_id)

        return [
            Probe("signs-in", "Signing in to the org", signs_in),
            Probe("reads-same-org", "Reading which org answers", reads),
        ]

    def check(
        self, target: str, wanted: Value, *, preflight: Value, since: datetime, now: datetime
    ) -> list[Check]:
        """In force, the host still the one approved, the budget told by the org since."""
        connection = connection_of(target)
        standing = {**settings.settings_of(connection), NEW_SECRETS: {}}
        seen = connection.api_seen_at
        known = connection.api_allowed is not None and seen is not None and seen >= since
        return [
            in_force(same_but_secrets(standing, wanted)),
            Check(
                "budget-known",
                known,
                f"The org tells its budget: {connection.api_used} of {connection.api_allowed}"
                " requests used."
                if known
                else "The org did not tell how many API requests are left.",
            ),
        ]

    def lines(self, base: Value, wanted: Value) -> list[Line]:
        """One line a setting that changes; the others fold away."""
        rows = [
            Line(label, _words(name, base[name]), _words(name, wanted[name]))
            for name, label in LABELS.items()
        ]
        return [*secret_lines(wanted, SECRET_LABELS), *folded(rows)]


def _signs_in(tenant_id: UUID, connection_id: UUID) -> Check:
    """A token by the new settings; an answer that leads to another host is refused there."""
    try:
        broker.refresh(tenant_id=tenant_id, connection_id=connection_id)
    except errors.HostChanged as error:
        return Check("signs-in", False, f"The host is not the approved one: {error.message}")
    except DomainError as error:
        return Check("signs-in", False, error.message)
    return Check("signs-in", True, "The console signs in, and the answer names the approved host.")


def _reads(tenant_id: UUID, connection_id: UUID) -> Check:
    try:
        error: DomainError | None = services.check_connection(
            tenant_id=tenant_id, connection_id=connection_id
        )
    except DomainError as refused:
        error = refused
    if error is not None:
        return Check("reads-same-org", False, error.message)
    return Check("reads-same-org", True, "The console reads, and the same org answers as before.")


def connection_of(target: str) -> Connection:
    """The org that a proposal names. Raises `NotFound`."""
    try:
        found = Connection.objects.filter(pk=UUID(target)).first()
    except ValueError:
        found = None
    if found is None:
        raise NotFound(NO_CONNECTION)
    return found


def _words(name: str, value: object) -> str:
    return WORDS[name].get(str(value), str(value)) if name in WORDS else str(value)
