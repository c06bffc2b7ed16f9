"""Let a person's memberships elsewhere, and those tenants, be read but never changed from here.

One policy for all commands let a statement delete or move the person's own membership of another
tenant: USING is what DELETE and UPDATE ask, and it was as wide as reading is.
"""

from django.db import migrations

from apps.common.rls import TENANT, USER

MEMBER = f"tenant_id = {TENANT} OR user_id = {USER}"
OWN_TENANT = (
    f"id = {TENANT} OR EXISTS (SELECT FROM tenancy_membership m"
    f" WHERE m.tenant_id = tenancy_tenant.id AND m.user_id = {USER})"
)


def _split(table: str, *, seen: str, own: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"""
        DROP POLICY scope ON "{table}";
        CREATE POLICY seen ON "{table}" FOR SELECT USING ({seen});
        CREATE POLICY made ON "{table}" FOR INSERT WITH CHECK ({own});
        CREATE POLICY changed ON "{table}" FOR UPDATE USING ({own}) WITH CHECK ({own});
        CREATE POLICY removed ON "{table}" FOR DELETE USING ({own});
        """,
        f"""
        DROP POLICY seen ON "{table}";
        DROP POLICY made ON "{table}";
        DROP POLICY changed ON "{table}";
        DROP POLICY removed ON "{table}";
        CREATE POLICY scope ON "{table}" USING ({seen}) WITH CHECK ({own});
        """,
    )


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0002_row_security")]

    operations = [
        _split("tenancy_membership", seen=MEMBER, own=f"tenant_id = {TENANT}"),
        _split("tenancy_tenant", seen=OWN_TENANT, own=f"id = {TENANT}"),
    ]
