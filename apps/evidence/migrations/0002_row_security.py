"""Shut packs and manifest keys to their tenant."""

from django.db import migrations

from apps.common.rls import isolate


class Migration(migrations.Migration):
    dependencies = [("evidence", "0001_initial"), ("tenancy", "0002_row_security")]

    operations = [isolate("evidence_pack"), isolate("evidence_manifestkey")]
