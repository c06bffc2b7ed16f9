"""The token broker: one refresh at a time per org, whatever number of processes ask.

The refresher holds a PostgreSQL advisory lock of its session and no transaction while the org
answers; a killed process loses the lock with its connection. The others wait, watching the row.
(Advisory locks of a session need a direct connection or a pooler in session mode.)

A rotated refresh token is committed before the access token that came with it is handed out: from
then on the older one is worthless. A refused refresh keeps what there was, except that a refresh
token which the org has ended is let go once the second grant has worked.
"""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection

from apps.common.actors import ServiceActor
from apps.common.clock import database_now
from apps.common.errors import Conflict, Invalid, NotFound
from apps.common.jobs import enqueue
from apps.common.scope import scoped
from apps.crm import errors, hosts
from apps.crm.anomalies.noticing import note_refusals
from apps.crm.budget.gate import Allowance
from apps.crm.client import oauth
from apps.crm.client.reaching import Reach
from apps.crm.diagnosis.keeping import note_trouble
from apps.crm.models import Connection, OrgToken
from apps.crm.paths import reach_of, require_path
from apps.crm.selectors import NO_CONNECTION
from apps.ledger import services as ledger
from apps.ledger.spool.switch import is_spooling

BROKER = ServiceActor("crm")
SAFETY_MARGIN = timedelta(seconds=60)  # a token that ends sooner is not handed out
REFRESH_AHEAD = timedelta(minutes=10)  # sweepers renew a token this long before its end
REFUSAL_REST = timedelta(minutes=15)  # and leave a refused grant alone for this long
LONGEST_WAIT_SECONDS = 45.0
POLL_SECONDS = 0.1
SAVE_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Held:
    """A valid access token for the host, good for `SAFETY_MARGIN` at least."""

    host: str
    access_token: str = field(repr=False)
    generation: int
    allowance: Allowance = field(repr=False, compare=False)
    reach: Reach = "public"


def access_token(*, tenant_id: UUID, connection_id: UUID, stale: str = "") -> Held:
    """A token that is valid now; `stale` is one that the org has just refused.

    Call it with no scope open. Raises `NotFound`, `Conflict`, `CrmError`.
    """
    started = database_now()
    held, generation = _look(tenant_id, connection_id, stale=stale, now=started)
    return held or _renewed(
        tenant_id, connection_id, generation=generation, started=started, stale=stale
    )


def refresh(*, tenant_id: UUID, connection_id: UUID) -> Held:
    """Get a new token now, unless another process just did. Raises as `access_token` does."""
    started = database_now()
    with scoped(tenant_id=tenant_id):
        generation = _row(connection_id).generation
    return _renewed(tenant_id, connection_id, generation=generation, started=started)


def is_due(row: OrgToken, *, now: datetime) -> bool:
    """Whether a sweeper should renew these tokens ahead of their end."""
    if row.expires_at is None or row.expires_at - now > REFRESH_AHEAD:
        return False
    return row.refused_at is None or now - row.refused_at > REFUSAL_REST


def _look(
    tenant_id: UUID, connection_id: UUID, *, stale: str, now: datetime
) -> tuple[Held | None, int]:
    with scoped(tenant_id=tenant_id):
        row = _row(connection_id)
        token = row.access_token
        lives = row.expires_at is not None and row.expires_at > now + SAFETY_MARGIN
        held = _held(row) if token and token != stale and lives else None
        return held, row.generation


def _row(connection_id: UUID) -> OrgToken:
    row: OrgToken | None = (
        OrgToken.objects.select_related("connection__zone")
        .filter(connection_id=connection_id)
        .first()
    )
    if row is None:
        raise NotFound(NO_CONNECTION)
    if row.connection.state == Connection.State.DISCONNECTED:
        raise Conflict("This org was disconnected. Connect it again first.")
    _require_host(row.connection.host)
    require_path(row.connection)
    return row


def _require_host(host: str) -> None:
    """The list of allowed hosts may have become shorter since the org was connected."""
    try:
        hosts.allowed_host(host)
    except Invalid as refused:
        raise errors.HostChanged(
            f"The console may no longer call {host}. {refused.message}"
        ) from None


def _held(row: OrgToken) -> Held:
    org = row.connection
    allowance = Allowance(
        connection_id=org.pk,
        host=org.host,
        reserve_percent=org.reserve_percent,
        calls_at_once=org.calls_at_once,
        used=org.api_used,
        allowed=org.api_allowed,
        seen_at=org.api_seen_at,
    )
    return Held(org.host, row.access_token, row.generation, allowance, reach_of(org))


def _renewed(
    tenant_id: UUID, connection_id: UUID, *, generation: int, started: datetime, stale: str = ""
) -> Held:
    """What the one refresher brought, be it this process or another."""
    give_up_at = time.monotonic() + LONGEST_WAIT_SECONDS
    while True:
        with _alone(connection_id) as alone:
            with scoped(tenant_id=tenant_id):
                row = _row(connection_id)
                if row.generation > generation:
                    return _held(row)
                _raise_refusal_since(started, row)
                grant, early = _grant_of(row), _ended_early(row, stale, now=started)
            if alone:
                return _refreshed(tenant_id, connection_id, grant, early=early)
        if time.monotonic() > give_up_at:
            raise errors.OrgUnavailable(
                "Another process has been getting a token from the org for"
                f" {LONGEST_WAIT_SECONDS:.0f} seconds. Try again."
            )
        time.sleep(POLL_SECONDS)


def _raise_refusal_since(started: datetime, row: OrgToken) -> None:
    """Everyone who waited for a refresh that failed fails with it; nobody asks again at once."""
    if row.refused_at is not None and row.refused_at >= started:
        raise errors.by_code(row.refused_code)(row.refused_words, is_noted=True)


def _ended_early(row: OrgToken, stale: str, *, now: datetime) -> bool:
    """Whether the org refused a token that had time left: then somebody ended it."""
    ours = bool(stale) and stale == row.access_token
    return ours and row.expires_at is not None and row.expires_at > now + SAFETY_MARGIN


def lock_key(connection_id: UUID) -> int:
    """The number of the advisory lock under which an org's token is refreshed."""
    digest = hashlib.sha256(b"crm.token/" + connection_id.bytes).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


@contextmanager
def _alone(connection_id: UUID) -> Iterator[bool]:
    key = lock_key(connection_id)
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [key])
        alone = bool(cursor.fetchone()[0])
    try:
        yield alone
    finally:
        if alone and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s)", [key])


def _grant_of(row: OrgToken) -> oauth.Grant:
    org = row.connection
    return oauth.Grant(
        host=org.host,
        flow=org.flow,
        reach=reach_of(org),
        client_id=org.client_id,
        username=org.username,
        private_key=org.private_key,
        client_secret=org.client_secret,
        refresh_token=row.refresh_token,
    )


def _refreshed(
    tenant_id: UUID, connection_id: UUID, grant: oauth.Grant, *, early: bool = False
) -> Held:
    if is_spooling():
        return _for_this_call(tenant_id, connection_id, grant)
    _require_room_for_an_answer()
    asked_at = database_now()
    try:
        answer = oauth.renew_token(grant, now=asked_at)
    except errors.CrmError as error:
        error.data |= {"at": "sign-in", "early": early, "is_noted": True}
        with scoped(tenant_id=tenant_id):
            _note_refusal(connection_id, error)
        raise
    held = _saved(tenant_id, connection_id, grant, answer, asked_at=asked_at)
    if held is None:
        raise errors.OrgUnavailable(
            "The org's settings were changed while it answered. Try again.", is_noted=True
        )
    return held


def _require_room_for_an_answer() -> None:
    """A database that takes no writes would lose a rotated refresh token, and the org with it."""
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('transaction_read_only')::bool")
        if cursor.fetchone()[0]:
            raise errors.OrgUnavailable(
                "The org's token has run out, and a new one could not be kept: the database takes"
                " no writes. The org was not asked.",
                is_noted=True,
            )


def _for_this_call(tenant_id: UUID, connection_id: UUID, grant: oauth.Grant) -> Held:
    """A token that is not kept, in an emergency while the ledger cannot be written.

    Never by a refresh token: the org may rotate it, and the new one would be lost.
    """
    if grant.refresh_token:
        raise errors.OrgUnavailable(
            "The org's token has run out, and a new one might end the refresh token, which cannot"
            " be replaced while the database takes no writes.",
            is_noted=True,
        )
    answer = oauth.renew_token(grant, now=database_now())
    with scoped(tenant_id=tenant_id):
        row = _row(connection_id)
        ledger.record(
            actor=BROKER,
            action="crm.token.refreshed",
            target=row.connection,
            at=database_now(),
            data={"generation": row.generation, "kept": False},
        )
        return replace(_held(row), access_token=answer.access_token)


def _saved(
    tenant_id: UUID,
    connection_id: UUID,
    grant: oauth.Grant,
    answer: oauth.TokenAnswer,
    *,
    asked_at: datetime,
) -> Held | None:
    """Commit the answer. A lost line to the database must not lose a rotated refresh token.

    None when the org's settings changed meanwhile: the token was got with others.
    """
    for attempt in range(1, SAVE_ATTEMPTS + 1):
        try:
            with scoped(tenant_id=tenant_id):
                return _save(connection_id, grant, answer, asked_at=asked_at)
        except (OperationalError, InterfaceError):
            if attempt == SAVE_ATTEMPTS or connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(POLL_SECONDS * attempt)
    raise AssertionError("unreachable")


def _save(
    connection_id: UUID, grant: oauth.Grant, answer: oauth.TokenAnswer, *, asked_at: datetime
) -> Held | None:
    row: OrgToken = (
        OrgToken.objects.select_related("connection")
        .select_for_update(of=("self",))
        .get(connection_id=connection_id)
    )
    row.connection.refresh_from_db()  # it may have changed while this waited for the lock
    if _grant_of(row) != grant:
        return None
    row.access_token = answer.access_token
    row.refresh_token = "" if answer.by_second else answer.refresh_token or row.refresh_token
    row.generation += 1
    row.issued_at, row.expires_at = asked_at, asked_at + answer.life
    row.refused_at, row.refused_code, row.refused_words = None, "", ""
    row.save()
    data = {"generation": row.generation, "rotated": bool(answer.refresh_token)}
    if answer.by_second:
        data["second_grant"] = True
    ledger.record(
        actor=BROKER,
        action="crm.token.refreshed",
        target=row.connection,
        at=database_now(),
        data=data,
    )
    if row.connection.state == Connection.State.FAILING:
        enqueue("crm.check_connection", connection_id=connection_id)
    return _held(row)


def _note_refusal(connection_id: UUID, error: errors.CrmError) -> None:
    now = database_now()
    row: OrgToken = (
        OrgToken.objects.select_related("connection")
        .select_for_update(of=("self",))
        .get(connection_id=connection_id)
    )
    row.refused_at, row.refused_code = now, error.code
    row.refused_words = error.message[:400]
    row.save(update_fields=["refused_at", "refused_code", "refused_words"])
    note_trouble(connection_id=connection_id, error=error, now=now)
    if not error.retryable and row.connection.state == Connection.State.HEALTHY:
        row.connection.state = Connection.State.FAILING
        row.connection.last_error = row.refused_words
        row.connection.save(update_fields=["state", "last_error"])
    ledger.record(
        actor=BROKER,
        action="crm.token.refused",
        target=row.connection,
        at=now,
        data={"code": error.code, "error": str(error.data.get("error_code", ""))},
    )
    note_refusals(row.connection, now=now)
