"""The function that hands out tenants' ids names its table's schema and looks nowhere else first.

It runs as the owner. With a path that does not place `pg_temp` last, PostgreSQL looks for tables in
the caller's temporary schema before any other, so that a view of that name there ran code of the
caller's as the owner (https://www.postgresql.org/docs/current/sql-createfunction.html, "Writing
SECURITY DEFINER Functions Safely").
"""

from django.db import migrations

SAFE = """
    CREATE OR REPLACE FUNCTION tenancy_tenant_ids() RETURNS SETOF uuid
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
        AS 'SELECT id FROM public.tenancy_tenant';
"""


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0003_others_rows_are_read_only")]

    operations = [migrations.RunSQL(SAFE, migrations.RunSQL.noop)]
