"""Shut baselines to their tenant; an approval is never changed."""

from django.db import migrations

from apps.common.rls import append_only, isolate


class Migration(migrations.Migration):
    dependencies = [("posture", "0001_initial"), ("crm", "0002_row_security")]

    operations = [
        isolate(
            "posture_scopebaseline",
            refs={
                "connection_id": "crm_connection",
                "snapshot_id": "crm_snapshot",
                "supersedes_id": "posture_scopebaseline",
            },
        ),
        append_only("posture_scopebaseline"),
    ]
