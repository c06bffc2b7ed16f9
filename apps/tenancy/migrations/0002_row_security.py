"""Shut tenants, memberships and object grants; give schedulers the list of tenant ids."""

from django.conf import settings
from django.db import migrations

from apps.common.rls import TENANT, USER, force, unforce

MEMBER = f"tenant_id = {TENANT} OR user_id = {USER}"
OWN_TENANT = (
    f"id = {TENANT} OR EXISTS (SELECT FROM tenancy_membership m"
    f" WHERE m.tenant_id = tenancy_tenant.id AND m.user_id = {USER})"
)


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0001_initial")]

    operations = [
        migrations.RunSQL(
            force("tenancy_membership", MEMBER, check=f"tenant_id = {TENANT}"),
            unforce("tenancy_membership"),
        ),
        migrations.RunSQL(
            force("tenancy_tenant", OWN_TENANT, check=f"id = {TENANT}"), unforce("tenancy_tenant")
        ),
        migrations.RunSQL(
            force("tenancy_usergrant", f"tenant_id = {TENANT}"), unforce("tenancy_usergrant")
        ),
        migrations.RunSQL(
            force("tenancy_groupgrant", f"tenant_id = {TENANT}"), unforce("tenancy_groupgrant")
        ),
        # Row security is forced on the owner too, so the owner gets a policy to read this one table
        # by; the function runs as the owner and hands out ids, nothing else.
        migrations.RunSQL(
            f"""
            CREATE POLICY scheduler ON tenancy_tenant FOR SELECT TO CURRENT_USER USING (true);
            CREATE FUNCTION tenancy_tenant_ids() RETURNS SETOF uuid
                LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public
                AS 'SELECT id FROM tenancy_tenant';
            REVOKE ALL ON FUNCTION tenancy_tenant_ids() FROM PUBLIC;
            GRANT EXECUTE ON FUNCTION tenancy_tenant_ids() TO {settings.DATABASE_APP_ROLE};
            """,
            "DROP FUNCTION tenancy_tenant_ids(); DROP POLICY scheduler ON tenancy_tenant;",
        ),
    ]
