"""Migration operations for row-level security: the second lock under the managers.

Policies are forced, so that they bind the owner too. A table's rows are visible when their tenant
is the transaction's `app.tenant`; outside a scope nothing is.
"""

from collections.abc import Mapping

from django.conf import settings
from django.db import migrations

TENANT = "NULLIF(current_setting('app.tenant', true), '')::uuid"
USER = "NULLIF(current_setting('app.user', true), '')::uuid"
LOGIN = "NULLIF(current_setting('app.login', true), '')"


def force(table: str, using: str, *, check: str | None = None, name: str = "scope") -> str:
    """SQL that turns row security on for everyone and adds one policy for all commands."""
    return (
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY;'
        f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY;'
        f'CREATE POLICY {name} ON "{table}" USING ({using}) WITH CHECK ({check or using});'
    )


def unforce(table: str, *, name: str = "scope") -> str:
    """SQL that undoes `force`."""
    return (
        f'DROP POLICY {name} ON "{table}";'
        f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY;'
        f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY;'
    )


def isolate(table: str, *, refs: Mapping[str, str] | None = None) -> migrations.RunSQL:
    """Shut a tenant-owned table: row security, and foreign keys that cannot leave the tenant.

    `refs` maps a foreign-key column to the tenant-owned table it points to. PostgreSQL checks
    foreign keys past row security, so each one gets a twin that includes the tenant.
    """
    forward = [
        force(table, f"tenant_id = {TENANT}"),
        f'ALTER TABLE "{table}" ADD CONSTRAINT {table}_tenant_row UNIQUE (tenant_id, id);',
    ]
    backward = [
        f'ALTER TABLE "{table}" DROP CONSTRAINT {table}_tenant_row;',
        unforce(table),
    ]
    for column, target in (refs or {}).items():
        name = f"{table}_{column}_tenant"
        forward.append(
            f'ALTER TABLE "{table}" ADD CONSTRAINT {name} FOREIGN KEY (tenant_id, {column})'
            f' REFERENCES "{target}" (tenant_id, id);'
        )
        backward.insert(0, f'ALTER TABLE "{table}" DROP CONSTRAINT {name};')
    return migrations.RunSQL("".join(forward), "".join(backward))


def append_only(table: str) -> migrations.RunSQL:
    """Refuse UPDATE, DELETE and TRUNCATE to everyone, replicas and owners included."""
    return migrations.RunSQL(
        f"""
        CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '{table} is append-only: % refused', TG_OP USING ERRCODE = '55000';
        END $$;
        CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON "{table}"
            FOR EACH ROW EXECUTE FUNCTION {table}_refuse();
        CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON "{table}"
            FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse();
        ALTER TABLE "{table}" ENABLE ALWAYS TRIGGER {table}_no_change;
        ALTER TABLE "{table}" ENABLE ALWAYS TRIGGER {table}_no_truncate;
        """,
        f"""
        DROP TRIGGER {table}_no_change ON "{table}";
        DROP TRIGGER {table}_no_truncate ON "{table}";
        DROP FUNCTION {table}_refuse();
        """,
    )


def insert_only(*tables: str) -> migrations.RunSQL:
    """Take from the serving role the rights over append-only tables that only triggers refused."""
    role, names = settings.DATABASE_APP_ROLE, ", ".join(f'"{table}"' for table in tables)
    return migrations.RunSQL(
        f"REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON {names} FROM {role}",
        f"GRANT UPDATE, DELETE ON {names} TO {role}",
    )
