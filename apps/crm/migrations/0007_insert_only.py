"""The serving role may add to append-only tables and has no right to change or remove rows."""

from django.db import migrations

from apps.common.rls import insert_only


class Migration(migrations.Migration):
    dependencies = [("crm", "0005_event_logs")]

    operations = [
        insert_only(
            "crm_snapshotapp",
            "crm_snapshottoken",
            "crm_snapshotaccount",
            "crm_snapshotassignment",
        ),
    ]
