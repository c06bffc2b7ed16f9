"""Append-only tables: besides the trigger that refuses, the serving role lacks the right itself."""

from uuid import uuid4

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import ProgrammingError, connection
from psycopg import sql

from apps.common.scope import scoped

pytestmark = pytest.mark.django_db

# Every table whose rows a trigger of `append_only` keeps, however it came to have one.
TABLES = """
    SELECT c.relname, g.tgenabled::text, c.oid FROM pg_class c
    JOIN pg_trigger g ON g.tgrelid = c.oid AND g.tgparentid = 0
    JOIN pg_proc p ON p.oid = g.tgfoid
    WHERE right(p.proname, 7) = '_refuse' AND g.tgtype & 16 > 0
"""
CHANGING = ("UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
RIGHTS = f"""
    SELECT relname, wanted FROM ({TABLES}) t, unnest(%s::text[]) wanted
    WHERE has_table_privilege(%s, t.oid, wanted)
        OR wanted IN ('UPDATE', 'REFERENCES') AND has_any_column_privilege(%s, t.oid, wanted)
"""


def test_the_serving_role_may_not_change_any_append_only_table(
    owner_connection: psycopg.Connection,
) -> None:
    role = settings.DATABASE_APP_ROLE
    held = owner_connection.execute(RIGHTS, [list(CHANGING), role, role]).fetchall()
    assert held == []


def test_the_triggers_stay_whatever_the_replication_role(
    owner_connection: psycopg.Connection,
) -> None:
    kept = {str(name) for name, enabled, _ in owner_connection.execute(TABLES) if enabled == "A"}
    said = {m._meta.db_table for m in apps.get_models() if getattr(m, "append_only", False)}
    assert len(said) > 10
    assert said - kept == set()


@pytest.mark.parametrize("name", ["ledger_legalhold", "reviews_decision", "crm_snapshotapp"])
def test_a_change_is_refused_before_any_row_is_looked_at(name: str) -> None:
    table = sql.Identifier(name)
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        scoped(tenant_id=uuid4()),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql.SQL("DELETE FROM {}").format(table).as_string())
