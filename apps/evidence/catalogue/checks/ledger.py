"""The ledger: what may be done to it, whether events have their places, whether it is anchored."""

from datetime import datetime, timedelta

from django.apps import apps
from django.db import connection

from apps.evidence.catalogue.checks.words import ago, counted, named
from apps.evidence.catalogue.registry import Outcome, attention, check, danger, good, unknown
from apps.ledger.models import Anchor, Event, Leaf, Verification

_PRIVILEGED = """
    select c.relname from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = current_schema()
    where c.relkind in ('r', 'p') and c.relname like 'ledger\\_%%'
      and has_table_privilege(c.oid, %s)
"""
# Of events the role must not even hold the privilege; elsewhere a trigger that always fires does.
_REWRITABLE = f"""{_PRIVILEGED}
      and (c.relname like 'ledger\\_event%%' or not exists (
          select from pg_trigger t
          where t.tgrelid = c.oid and t.tgenabled = 'A' and t.tgtype & 25 = 25
      ))
"""
_TRIGGERS = """
    select c.relname,
           coalesce(bool_or(t.tgenabled = 'A' and t.tgtype & 1 = 1 and t.tgtype & 24 = 24), false)
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = current_schema()
    left join pg_trigger t on t.tgrelid = c.oid and not t.tgisinternal
    where c.relname = 'ledger_event'
       or c.oid in (select relid from pg_partition_tree('ledger_event') where isleaf)
    group by c.relname
"""
_GUARD = """
    select evtevent from pg_event_trigger
    where evtname like 'ledger\\_%%' and evtenabled <> 'D'
"""
GUARDED = {"ddl_command_start", "ddl_command_end", "sql_drop", "table_rewrite"}
LATE = timedelta(minutes=5)
LOOKED_AT = 10_000  # newest events and positions that one run looks at
DAY = timedelta(days=1)


@check(
    "LED-1",
    "console-cannot-rewrite",
    "Can the console's role change or remove an event?",
    proof="ledger:events",
)
def cannot_rewrite(now: datetime) -> Outcome:
    """Privileges on each insert-only table of the ledger and its partitions, as the database
    tells them."""
    changing = sorted(_written_once(_names(_REWRITABLE, "UPDATE, DELETE, TRUNCATE, TRIGGER")))
    readable = _written_once(_names(_PRIVILEGED, "SELECT"))
    if "ledger_event" not in readable:
        return unknown("The ledger's table was not found.")
    if changing:
        return danger(f"The console's database role may change {named(changing)}.")
    return good(
        f"{counted(len(readable), 'table')} of the ledger: none that the console may change."
    )


@check("LED-1", "triggers-always-on", "Does the database refuse changes of events to everyone?")
def triggers_on(now: datetime) -> Outcome:
    """Row triggers against UPDATE and DELETE that fire always, on each table that holds events."""
    with connection.cursor() as cursor:
        cursor.execute(_TRIGGERS)
        rows = cursor.fetchall()
    bare = sorted(name for name, always in rows if not always)
    if not rows:
        return unknown("The ledger's table was not found.")
    if bare:
        return danger(f"No trigger that always fires protects {named(bare)}.")
    return good(f"Triggers that always fire protect {counted(len(rows), 'table')} of events.")


@check("LED-1", "guard-installed", "Is the ledger's own DDL refused without the break-glass login?")
def guard_installed(now: datetime) -> Outcome:
    """The event triggers that the database's administrator installs."""
    missing = sorted(GUARDED - set(_names(_GUARD)))
    if missing:
        return attention(
            "The guard of the ledger's tables is not installed. The database's administrator "
            "does that with the SQL that manage.py ledger_guard prints."
        )
    return good("DDL on the ledger's tables is refused without the break-glass login.")


@check("LED-1", "anchored-outside", "Was the ledger anchored outside within a day?")
def anchored(now: datetime) -> Outcome:
    """The newest timestamp, locked object or witness's signature over the log of logs."""
    newest = Anchor.objects.order_by("-at").first()
    if newest is None:
        return unknown("The ledger has not been anchored outside yet.")
    if now - newest.at > DAY:
        return attention(f"The ledger was last anchored outside {ago(now - newest.at)}.")
    return good(f"The ledger was last anchored outside {ago(now - newest.at)}.")


@check(
    "LED-2",
    "events-have-places",
    "Does every event have its place, without a gap?",
    proof="ledger:events",
)
def events_placed(now: datetime) -> Outcome:
    """The newest events and positions: each old enough event is placed, no position is left out."""
    events = Event.objects.filter(recorded_at__lt=now - LATE).order_by("-at", "-id")
    ids = list(events.values_list("id", flat=True)[:LOOKED_AT])
    if not ids:
        return unknown("No event is older than five minutes, so there is nothing to judge.")
    placed = Leaf.objects.filter(event_id__in=ids).count()
    if placed < len(ids):
        return danger(f"Without a place in the log: {counted(len(ids) - placed, 'event')}.")
    places = list(Leaf.objects.order_by("-seq").values_list("seq", flat=True)[:LOOKED_AT])
    if places[0] - places[-1] + 1 != len(places):
        return danger(f"A gap among the last {counted(len(places), 'position')} of the log.")
    return good(f"The last {counted(len(ids), 'event')} have their places, without a gap.")


@check(
    "LED-1",
    "ledger-verifies",
    "Did the newest verification find nothing?",
    proof="ledger:verifications",
)
def ledger_verifies(now: datetime) -> Outcome:
    """What the newest check of the log's rows against its signed checkpoint found."""
    newest = _newest_verification()
    if newest is None:
        return unknown("The ledger has not been verified yet.")
    if not newest.is_good:
        found = counted(len(newest.findings), "finding")
        return danger(f"The newest verification came to {found}; its page says where.")
    return good(f"The newest verification read up to position {newest.size:,} and found nothing.")


@check(
    "LED-6",
    "verified-lately",
    "Was the ledger verified within two days?",
    proof="ledger:verifications",
)
def verified_lately(now: datetime) -> Outcome:
    """When the newest verification was over, whatever it found."""
    newest = _newest_verification()
    if newest is None:
        return unknown("The ledger has not been verified yet.")
    age = now - newest.finished_at
    if age > 2 * DAY:
        return attention(f"The ledger was last verified {ago(age)}.")
    return good(f"The ledger was last verified {ago(age)}.")


def _written_once(tables: list[str]) -> set[str]:
    """Those of the tables whose rows are written once: not jobs that have a state of their own."""
    mutable = {
        model._meta.db_table
        for model in apps.get_app_config("ledger").get_models()
        if not getattr(model, "append_only", False)
    }
    return set(tables) - mutable


def _newest_verification() -> Verification | None:
    newest: Verification | None = Verification.objects.order_by("-started_at", "-id").first()
    return newest


def _names(query: str, *values: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [name for (name,) in cursor.fetchall()]
