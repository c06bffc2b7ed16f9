"""The serving role may add to append-only tables and has no right to change or remove rows."""

from django.db import migrations

from apps.common.rls import insert_only


class Migration(migrations.Migration):
    dependencies = [("breakglass", "0004_case_notes")]

    operations = [
        insert_only(
            "breakglass_emergencypolicy",
        ),
    ]
