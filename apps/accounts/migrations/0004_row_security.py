"""Shut accounts and second factors: a person's own, plus names of people who share the tenant."""

from django.db import migrations

from apps.common.rls import LOGIN, TENANT, USER, force, isolate, unforce

OWN = f"id = {USER} OR email = {LOGIN}"
SEEN = (
    f"{OWN} OR EXISTS (SELECT FROM tenancy_membership m"
    f" WHERE m.user_id = accounts_user.id AND m.tenant_id = {TENANT})"
)
OWN_DEVICE = "EXISTS (SELECT FROM otp_static_staticdevice d WHERE d.id = device_id)"
PERSONAL = (
    "otp_totp_totpdevice",
    "otp_static_staticdevice",
    "accounts_user_groups",
    "accounts_user_user_permissions",
)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_fresh_factor"),
        ("tenancy", "0002_row_security"),
    ]

    operations = [
        migrations.RunSQL(
            f"""
            ALTER TABLE accounts_user ENABLE ROW LEVEL SECURITY;
            ALTER TABLE accounts_user FORCE ROW LEVEL SECURITY;
            CREATE POLICY seen ON accounts_user FOR SELECT USING ({SEEN});
            CREATE POLICY made ON accounts_user FOR INSERT WITH CHECK ({OWN});
            CREATE POLICY changed ON accounts_user FOR UPDATE USING ({OWN}) WITH CHECK ({OWN});
            """,
            """
            DROP POLICY seen ON accounts_user;
            DROP POLICY made ON accounts_user;
            DROP POLICY changed ON accounts_user;
            ALTER TABLE accounts_user NO FORCE ROW LEVEL SECURITY;
            ALTER TABLE accounts_user DISABLE ROW LEVEL SECURITY;
            """,
        ),
        *[
            migrations.RunSQL(force(table, f"user_id = {USER}"), unforce(table))
            for table in PERSONAL
        ],
        migrations.RunSQL(
            force("otp_static_statictoken", OWN_DEVICE), unforce("otp_static_statictoken")
        ),
        isolate("accounts_freshfactor"),
    ]
