"""Shut the ledger: insert and read, for its tenant; nothing else, for anyone.

`xid` and `eid` are the database's: the writing transaction and the order of appends inside it.
They are what a sequencer needs to give committed events gap-free positions; `xid` is declared
first, so that it is assigned before `eid`.
"""

from django.conf import settings
from django.db import migrations

from apps.common.rls import append_only, isolate


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("tenancy", "0002_row_security")]

    operations = [
        migrations.RunSQL(
            """
            ALTER TABLE ledger_event
                ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
                ADD COLUMN eid bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
                ADD CONSTRAINT leaf_matches_body CHECK (leaf = sha256('\\x00'::bytea || body));
            """,
            "ALTER TABLE ledger_event DROP COLUMN xid, DROP COLUMN eid,"
            " DROP CONSTRAINT leaf_matches_body;",
        ),
        isolate("ledger_event"),
        append_only("ledger_event"),
        migrations.RunSQL(
            f"REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON ledger_event"
            f" FROM {settings.DATABASE_APP_ROLE};",
            migrations.RunSQL.noop,
        ),
    ]
