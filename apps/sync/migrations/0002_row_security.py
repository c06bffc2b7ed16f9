"""Shut jobs, runs and their items to their tenant."""

from django.db import migrations

from apps.common.rls import isolate


class Migration(migrations.Migration):
    dependencies = [
        ("sync", "0001_initial"),
        ("llm", "0002_row_security"),
        ("crm", "0002_row_security"),
    ]

    operations = [
        isolate(
            "sync_job",
            refs={"connection_id": "crm_connection", "endpoint_id": "llm_endpoint"},
        ),
        isolate("sync_run", refs={"job_id": "sync_job"}),
        isolate("sync_runitem", refs={"run_id": "sync_run"}),
        isolate("sync_fingerprintkey"),
    ]
