"""The function that makes the first signing key never looks into its caller's temporary schema."""

from django.db import migrations

FIRST = "custody_first_signing_key(uuid, text, text, bytea, jsonb, text, text)"


class Migration(migrations.Migration):
    dependencies = [("custody", "0006_token_callers")]

    operations = [
        migrations.RunSQL(
            f"ALTER FUNCTION {FIRST} SET search_path = pg_catalog, pg_temp",
            migrations.RunSQL.noop,
        )
    ]
