"""Shut crm's tables to their tenant; what a snapshot read never changes."""

from django.db import migrations

from apps.common.rls import append_only, isolate

SNAPSHOT = {"snapshot_id": "crm_snapshot"}


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0001_initial"),
        ("residency", "0002_row_security"),
        ("tenancy", "0002_row_security"),
    ]

    operations = [
        isolate("crm_connection", refs={"zone_id": "residency_zone"}),
        isolate("crm_orgtoken", refs={"connection_id": "crm_connection"}),
        isolate("crm_snapshot", refs={"connection_id": "crm_connection"}),
        isolate("crm_snapshotapp", refs=SNAPSHOT),
        isolate("crm_snapshottoken", refs=SNAPSHOT),
        isolate("crm_snapshotaccount", refs=SNAPSHOT),
        isolate("crm_snapshotassignment", refs={**SNAPSHOT, "account_id": "crm_snapshotaccount"}),
        append_only("crm_snapshotapp"),
        append_only("crm_snapshottoken"),
        append_only("crm_snapshotaccount"),
        append_only("crm_snapshotassignment"),
    ]
