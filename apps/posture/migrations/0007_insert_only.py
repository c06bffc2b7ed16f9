"""The serving role may add to append-only tables and has no right to change or remove rows."""

from django.db import migrations

from apps.common.rls import insert_only


class Migration(migrations.Migration):
    dependencies = [("posture", "0006_purposes")]

    operations = [
        insert_only(
            "posture_scopebaseline",
        ),
    ]
