"""Connecting an org, checking it, disconnecting it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from apps.accounts import services as accounts
from apps.accounts.models import User
from apps.common.actors import Actor
from apps.common.clock import database_now
from apps.common.errors import Conflict, Invalid
from apps.common.jobs import enqueue
from apps.common.scope import scoped
from apps.common.text import require_text
from apps.crm import errors, hosts, paths, policies, selectors
from apps.crm.broker import BROKER
from apps.crm.budget import gate
from apps.crm.client import limits
from apps.crm.diagnosis.keeping import note_trouble
from apps.crm.keys import checked_private_key
from apps.crm.models import Connection, OrgToken, Trouble
from apps.crm.services.rights import give_to_members
from apps.crm.session import open_org
from apps.ledger import services as ledger
from apps.residency.models import Zone

CONNECT = "crm.connection.create"  # the decision that a code is asked for
RECHECK_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True, slots=True)
class Typed:
    """What a person typed to connect an org; secrets stay out of its `repr`."""

    name: str
    host: str
    zone_id: str
    flow: str
    client_id: str
    username: str = ""
    private_key: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)


@transaction.atomic
def connect_org(*, actor: User, typed: Typed, code: str, now: datetime) -> Connection:
    """Keep a new connection, its secrets sealed, and check it in the background.

    Takes a fresh code for this very host, zone and way to sign in. Every member gets the rights on
    it that their roles come with. Raises `Denied`, `WrongCode`, and `Invalid` naming the field and
    the fix.
    """
    policies.may_connect(actor).require()
    connection = _checked(typed)
    refresh_token = _refresh_token(typed)
    data = {"host": connection.host, "zone": str(connection.zone_id), "flow": connection.flow}
    content = {**data, "name": connection.name}
    accounts.confirm(user=actor, code=code, decision=CONNECT, content=content, now=now)
    connection.check_asked_at = now
    connection.save(force_insert=True)
    OrgToken.objects.create(connection=connection, refresh_token=refresh_token)
    give_to_members(connection)
    ledger.record(
        actor=actor,
        action="crm.connection.created",
        target=connection,
        at=now,
        data=data,
    )
    enqueue("crm.check_connection", connection_id=connection.pk)
    return connection


@transaction.atomic
def request_check(*, actor: Actor, connection_id: UUID, now: datetime) -> Connection:
    """Check the org again in the background. Raises `Denied`, `NotFound`, `Conflict`."""
    connection = selectors.lock_connection_for(actor=actor, connection_id=connection_id)
    policies.may_operate(actor, connection).require()
    if connection.state == Connection.State.DISCONNECTED:
        raise Conflict("This org was disconnected. Connect it again first.")
    connection.check_asked_at = now
    connection.save(update_fields=["check_asked_at"])
    enqueue("crm.check_connection", connection_id=connection.pk)
    return connection


@transaction.atomic
def disconnect_org(*, actor: Actor, connection_id: UUID, now: datetime) -> Connection:
    """End a connection for good and forget its secrets; what was read stays.

    Raises `Denied`, `NotFound`, `Conflict`.
    """
    policies.may_connect(actor).require()
    connection = selectors.lock_connection_for(actor=actor, connection_id=connection_id)
    if connection.state == Connection.State.DISCONNECTED:
        raise Conflict("This org was disconnected already.")
    connection.state = Connection.State.DISCONNECTED
    connection.private_key = connection.client_secret = ""
    connection.last_error = ""
    connection.save()
    token = selectors.token_of(connection)
    token.access_token = token.refresh_token = ""
    token.expires_at = None
    token.save()
    ledger.record(actor=actor, action="crm.connection.disconnected", target=connection, at=now)
    return connection


def check_connection(*, tenant_id: UUID, connection_id: UUID) -> errors.CrmError | None:
    """Sign in to the org, read who it is, keep the outcome and return what went wrong.

    Call it with no scope open.
    """
    _keep_addresses(tenant_id, connection_id)
    try:
        with open_org(tenant_id=tenant_id, connection_id=connection_id) as org:
            usage = limits.daily_requests(org)
            told = next(iter(org.query("SELECT Id, Name, InstanceName FROM Organization")), {})
    except errors.CrmError as error:
        with scoped(tenant_id=tenant_id):
            _keep_failure(connection_id, error)
        return error
    with scoped(tenant_id=tenant_id):
        if usage is not None:
            _keep_allowance(connection_id, *usage)
        return _keep_told(connection_id, told)


def requeue_checks(*, now: datetime) -> int:
    """Check orgs of the open tenant again that fail, or whose first check was lost."""
    failing = Q(state=Connection.State.FAILING, checked_at__lt=now - RECHECK_AFTER)
    lost = Q(state=Connection.State.CONNECTING)
    asked_long_ago = Q(check_asked_at__isnull=True) | Q(check_asked_at__lt=now - RECHECK_AFTER)
    due = Connection.objects.select_for_update(skip_locked=True, of=("self",))
    too_early = Trouble.objects.filter(
        connection=OuterRef("pk"), ended_at__isnull=True, retry_at__gt=now
    )
    sent = 0
    for connection in due.filter(failing | lost).filter(asked_long_ago, ~Exists(too_early)):
        connection.check_asked_at = now
        connection.save(update_fields=["check_asked_at"])
        enqueue("crm.check_connection", connection_id=connection.pk)
        sent += 1
    return sent


def _keep_told(connection_id: UUID, told: dict[str, object]) -> errors.CrmError | None:
    connection = _locked(connection_id)
    org_id = str(told.get("Id") or "")[:18]
    if connection.org_id and org_id != connection.org_id:
        other = _other_org()
        _keep_failure(connection_id, other)
        return other
    _keep_success(connection, org_id, told)
    return None


def _keep_success(connection: Connection, org_id: str, told: dict[str, object]) -> None:
    now = database_now()
    connection.state, connection.last_error = Connection.State.HEALTHY, ""
    connection.org_id, connection.checked_at = org_id, now
    connection.org_name = str(told.get("Name") or "")[:255]
    connection.instance_name = str(told.get("InstanceName") or "")[:40]
    _save_outcome(connection)
    ledger.record(
        actor=BROKER,
        action="crm.connection.checked",
        target=connection,
        at=now,
        data={"org_id": org_id},
    )


def _keep_allowance(connection_id: UUID, used: int, allowed: int) -> None:
    """For orgs whose answers carry no `Sforce-Limit-Info`; theirs is fresher than this."""
    gate.tell(connection_id, used=used, allowed=allowed)
    Connection.objects.filter(pk=connection_id, api_allowed__isnull=True).update(
        api_used=used, api_allowed=allowed, api_seen_at=database_now()
    )


def _keep_addresses(tenant_id: UUID, connection_id: UUID) -> None:
    """What the host resolves to now; a path that is recorded as private is judged by it."""
    with scoped(tenant_id=tenant_id):
        found = Connection.objects.filter(pk=connection_id).values_list("host", flat=True).first()
    addresses = paths.resolve(found) if found else []
    with scoped(tenant_id=tenant_id):
        Connection.objects.filter(pk=connection_id).update(
            resolved_to=addresses, resolved_at=database_now()
        )


def _keep_failure(connection_id: UUID, error: errors.CrmError) -> None:
    connection = _locked(connection_id)
    now = database_now()
    if not error.data.get("is_noted"):
        note_trouble(connection_id=connection_id, error=error, now=now)
    connection.state, connection.checked_at = Connection.State.FAILING, now
    connection.last_error = error.message[:400]
    _save_outcome(connection)
    ledger.record(
        actor=BROKER,
        action="crm.connection.failed",
        target=connection,
        at=now,
        data={"code": error.code, "retryable": error.retryable},
    )


def _other_org() -> errors.CrmError:
    return errors.HostChanged(
        "Another org answers under this host than the one that was connected. Disconnect this"
        " connection and connect the new org as its own."
    )


def _save_outcome(connection: Connection) -> None:
    fields = ["state", "last_error", "org_id", "org_name", "instance_name", "checked_at"]
    connection.save(update_fields=fields)


def _locked(connection_id: UUID) -> Connection:
    """The row for an outcome; an org disconnected meanwhile keeps its end."""
    connection: Connection = Connection.objects.select_for_update().get(pk=connection_id)
    if connection.state == Connection.State.DISCONNECTED:
        raise Conflict("This org was disconnected meanwhile.")
    return connection


def _checked(typed: Typed) -> Connection:
    if typed.flow not in Connection.Flow.values:
        raise Invalid(
            f"Choose one of the ways to sign in: {', '.join(Connection.Flow.values)}.", field="flow"
        )
    name = require_text(typed.name, field="name", label="The name", at_most=80)
    current = Connection.objects.exclude(state=Connection.State.DISCONNECTED)
    if current.filter(name=name).exists():
        raise Invalid("Another org has this name. Choose a different one.", field="name")
    connection = Connection(name=name, host=hosts.allowed_host(typed.host), flow=typed.flow)
    connection.zone = _zone(typed.zone_id)
    connection.client_id = require_text(
        typed.client_id, field="client_id", label="The consumer key", at_most=255
    )
    _set_secrets(connection, typed)
    return connection


def _set_secrets(connection: Connection, typed: Typed) -> None:
    second = typed.flow == Connection.Flow.REFRESH_TOKEN and bool(typed.private_key.strip())
    if typed.flow == Connection.Flow.JWT_BEARER or second:
        connection.username = require_text(
            typed.username, field="username", label="The user name", at_most=255
        )
        connection.private_key = checked_private_key(typed.private_key)
    if typed.flow == Connection.Flow.JWT_BEARER:
        return
    connection.client_secret = require_text(
        typed.client_secret, field="client_secret", label="The consumer secret", at_most=1000
    )


def _refresh_token(typed: Typed) -> str:
    if typed.flow != Connection.Flow.REFRESH_TOKEN:
        return ""
    return require_text(
        typed.refresh_token, field="refresh_token", label="The refresh token", at_most=2000
    )


def _zone(zone_id: str) -> Zone:
    try:
        key = UUID(zone_id)
    except ValueError:
        key = None
    zone: Zone | None = Zone.objects.filter(pk=key).first() if key else None
    if zone is None:
        raise Invalid("Choose the zone that this org's data is in.", field="zone_id")
    return zone
