"""What a superuser does to a kept log."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tests.ledger.kept_log import KeptLog

AT = "tenant_id = %(tenant)s"
GUARDS = """
DO $$ DECLARE guard record; BEGIN
    FOR guard IN SELECT tgrelid::regclass AS place, tgname FROM pg_trigger
        WHERE NOT tgisinternal AND tgrelid::regclass::text ~ '^ledger_(event|leaf|tile|checkpoint)'
    LOOP
        EXECUTE format('ALTER TABLE %s {} TRIGGER %I', guard.place, guard.tgname);
    END LOOP;
END $$
"""


@contextmanager
def guards_off(admin: psycopg.Connection) -> Iterator[None]:
    """Every trigger that refuses a change is off inside, and on again after."""
    admin.execute(GUARDS.format("DISABLE"))
    yield
    admin.execute(GUARDS.format("ENABLE ALWAYS"))
    admin.commit()


def tamper(admin: psycopg.Connection, log: KeptLog, sql: str, seq: int = 40) -> None:
    """Change rows as a superuser who switched every guard off."""
    changed = admin.execute(sql, {"tenant": log.tenant, "seq": seq}).rowcount
    admin.commit()
    assert changed, "nothing was tampered with"
