"""The ledger: what the console may do to it, whether it was verified."""

from datetime import datetime

from django.db import connection

from apps.evidence.catalogue.checks.words import counted, named
from apps.evidence.catalogue.registry import Outcome, check, danger, good, unknown

_WRITABLE = """
    select c.relname from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = current_schema()
    where c.relkind in ('r', 'p') and c.relname like 'ledger\\_%%'
      and has_table_privilege(c.oid, %s)
    order by c.relname
"""


@check(
    "LED-1",
    "console-cannot-rewrite",
    "Can the console's role change or remove an event?",
    proof="ledger:events",
)
def cannot_rewrite(now: datetime) -> Outcome:
    """Privileges on every table of the ledger, read from the database's catalogue."""
    changing = _tables("UPDATE, DELETE, TRUNCATE, TRIGGER")
    if "ledger_event" in changing:
        return danger("The console's database role may change or remove events.")
    readable = _tables("SELECT")
    if "ledger_event" not in readable:
        return unknown("The ledger's table was not found.")
    if changing:
        return danger(f"The console's database role may change {named(changing)}.")
    return good(
        f"{counted(len(readable), 'table')} of the ledger: none that the console may change."
    )


def _tables(privileges: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_WRITABLE, [privileges])
        return [name for (name,) in cursor.fetchall()]
