"""Shut keys and tokens to their tenant."""

from django.db import migrations

from apps.common.rls import isolate


class Migration(migrations.Migration):
    dependencies = [("custody", "0001_initial"), ("tenancy", "0002_row_security")]

    operations = [isolate("custody_datakey"), isolate("custody_issuedtoken")]
