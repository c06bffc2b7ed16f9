"""Taking an org's event log files: asked for, or every quarter of an hour. The same round looks at
its login history.

Each file is kept in a transaction of its own, so that a killed worker's successor goes on with the
next one. One worker per org; one that went silent is replaced.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from apps.common.actors import Actor
from apps.common.clock import database_now
from apps.common.errors import Conflict
from apps.common.jobs import enqueue
from apps.common.scope import scoped
from apps.crm import errors, policies, selectors
from apps.crm.anomalies.noticing import watch_sign_ins
from apps.crm.broker import BROKER
from apps.crm.client.org import Org
from apps.crm.eventlogs import listing
from apps.crm.eventlogs.keeping import keep_file
from apps.crm.eventlogs.listing import Listed
from apps.crm.eventlogs.packed import Packed
from apps.crm.models import Connection, LogFile, LogWatch
from apps.crm.session import open_org
from apps.ledger import services as ledger

MOST_BYTES = 512_000_000
STALLED_AFTER = timedelta(minutes=10)
EVERY = timedelta(minutes=15)
REFUSED_WORDS = (
    "The org does not show its event log files to the console's user. It needs the permissions"
    " View Event Log Files and API Enabled, and most types need a licence (Shield or Event"
    " Monitoring). What apps do there is unknown until then."
)


class LostClaim(Conflict):
    """Another worker took over."""

    code = "event_logs_taken_over"


@transaction.atomic
def ask_for_logs(*, actor: Actor, connection_id: UUID, now: datetime) -> LogWatch:
    """Take new files now, in the background. Raises `Denied`, `NotFound`, `Conflict`."""
    connection = selectors.lock_connection_for(actor=actor, connection_id=connection_id)
    policies.may_operate(actor, connection).require()
    if connection.state == Connection.State.DISCONNECTED:
        raise Conflict("This org was disconnected. Connect it again first.")
    watch = _watch_of(connection)
    if _is_worked_on(watch, now=now):
        raise Conflict("Its files are being taken already. The page shows how far.")
    watch.asked_at = now
    watch.save(update_fields=["asked_at"])
    ledger.record(actor=actor, action="crm.event_log.asked", target=watch, at=now)
    enqueue("crm.take_event_logs", connection_id=connection.pk)
    return watch


def is_awaited(watch: LogWatch, *, now: datetime) -> bool:
    """Whether files are being taken, or were asked for a moment ago and no worker began yet."""
    if _is_worked_on(watch, now=now):
        return True
    if watch.asked_at is None or watch.asked_at < now - timedelta(minutes=1):
        return False
    return watch.looked_at is None or watch.looked_at < watch.asked_at


def take_due(*, now: datetime) -> int:
    """Enqueue every org of the open tenant that answers and was not looked at lately."""
    recently = Q(log_watch__looked_at__gt=now - EVERY) | Q(
        log_watch__state=LogWatch.State.TAKING, log_watch__touched_at__gt=now - STALLED_AFTER
    )
    due = Connection.objects.filter(state=Connection.State.HEALTHY).exclude(recently)
    for connection in due:
        enqueue("crm.take_event_logs", connection_id=connection.pk)
    return len(due)


def take_logs(*, tenant_id: UUID, connection_id: UUID) -> None:
    """Take every file that is not here yet. Does nothing when another worker is at it.

    Call it with no scope open.
    """
    with scoped(tenant_id=tenant_id):
        attempt = _claim(connection_id)
    if attempt is None:
        return
    try:
        with open_org(tenant_id=tenant_id, connection_id=connection_id) as org:
            watch_sign_ins(org, tenant_id=tenant_id, connection_id=connection_id)
            _take_all(org, tenant_id=tenant_id, connection_id=connection_id, attempt=attempt)
    except LostClaim:
        return
    except (errors.AccessRefused, errors.QueryRefused):
        outcome, words = LogWatch.State.REFUSED, REFUSED_WORDS
    except (errors.CrmError, Conflict) as error:
        outcome, words = LogWatch.State.FAILED, error.message
    else:
        outcome, words = LogWatch.State.CURRENT, ""
    with scoped(tenant_id=tenant_id):
        _finish(connection_id, attempt, outcome, words)


def _take_all(org: Org, *, tenant_id: UUID, connection_id: UUID, attempt: int) -> None:
    with scoped(tenant_id=tenant_id):
        since = _reach(_mine(connection_id, attempt))
    listed = list(listing.list_files(org, since=since))
    with scoped(tenant_id=tenant_id):
        due = _not_taken(connection_id, listed)
        _progress(connection_id, attempt, done=0, due=len(due))
    for number, file in enumerate(due, start=1):
        packed = Packed()
        path = f"sobjects/EventLogFile/{file.org_file_id}/LogFile"
        org.download(path, into=packed, most_bytes=MOST_BYTES)
        packed.finish()
        with scoped(tenant_id=tenant_id):
            watch = _progress(connection_id, attempt, done=number, due=len(due))
            keep_file(connection=watch.connection, listed=file, packed=packed, now=database_now())
    with scoped(tenant_id=tenant_id):
        _reached(connection_id, attempt, listed)


def _watch_of(connection: Connection) -> LogWatch:
    watch: LogWatch
    watch, _ = LogWatch.objects.select_for_update(of=("self",)).get_or_create(connection=connection)
    return watch


def _is_worked_on(watch: LogWatch, *, now: datetime) -> bool:
    if watch.state != LogWatch.State.TAKING or watch.touched_at is None:
        return False
    return watch.touched_at > now - STALLED_AFTER


def _claim(connection_id: UUID) -> int | None:
    now = database_now()
    connection: Connection | None = Connection.objects.filter(pk=connection_id).first()
    if connection is None or connection.state == Connection.State.DISCONNECTED:
        return None
    watch = _watch_of(connection)
    if _is_worked_on(watch, now=now):
        return None
    watch.state, watch.touched_at = LogWatch.State.TAKING, now
    watch.files_due = watch.files_done = 0
    watch.attempt += 1
    watch.save()
    return watch.attempt


def _mine(connection_id: UUID, attempt: int) -> LogWatch:
    watch: LogWatch = (
        LogWatch.objects.select_for_update(of=("self",))
        .select_related("connection")
        .get(connection_id=connection_id)
    )
    if watch.state != LogWatch.State.TAKING or watch.attempt != attempt:
        raise LostClaim("Another worker takes this org's files now.")
    return watch


def _reach(watch: LogWatch) -> datetime:
    if watch.reached_at is not None:
        return watch.reached_at - listing.OVERLAP
    return database_now() - timedelta(days=listing.FIRST_DAYS + 1)


def _not_taken(connection_id: UUID, listed: list[Listed]) -> list[Listed]:
    ids = [each.org_file_id for each in listed]
    known = set(
        LogFile.objects.filter(connection_id=connection_id, org_file_id__in=ids).values_list(
            "org_file_id", "org_created_at"
        )
    )
    return [each for each in listed if (each.org_file_id, each.created_at) not in known]


def _progress(connection_id: UUID, attempt: int, *, done: int, due: int) -> LogWatch:
    watch = _mine(connection_id, attempt)
    watch.files_done, watch.files_due, watch.touched_at = done, due, database_now()
    watch.save(update_fields=["files_done", "files_due", "touched_at"])
    return watch


def _reached(connection_id: UUID, attempt: int, listed: list[Listed]) -> None:
    watch = _mine(connection_id, attempt)
    newest = max((each.created_at for each in listed), default=None)
    if newest and (watch.reached_at is None or newest > watch.reached_at):
        watch.reached_at = newest
        watch.save(update_fields=["reached_at"])


def _finish(connection_id: UUID, attempt: int, outcome: LogWatch.State, words: str) -> None:
    watch = _mine(connection_id, attempt)
    news = watch.error != words[:400]
    now = database_now()
    watch.state, watch.error, watch.touched_at = outcome, words[:400], now
    watch.looked_at = now
    watch.save(update_fields=["state", "error", "touched_at", "looked_at"])
    if outcome != LogWatch.State.CURRENT and news:
        ledger.record(
            actor=BROKER,
            action="crm.event_log.missed",
            target=watch,
            at=now,
            data={"connection": str(connection_id), "outcome": outcome.value},
        )
