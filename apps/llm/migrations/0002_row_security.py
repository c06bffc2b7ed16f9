"""Shut endpoints to their tenant."""

from django.db import migrations

from apps.common.rls import isolate


class Migration(migrations.Migration):
    dependencies = [("llm", "0001_initial"), ("residency", "0002_row_security")]

    operations = [isolate("llm_endpoint", refs={"zone_id": "residency_zone"})]
