"""The serving role may add to append-only tables and has no right to change or remove rows."""

from django.db import migrations

from apps.common.rls import insert_only


class Migration(migrations.Migration):
    dependencies = [("evidence", "0005_catalogue")]

    operations = [
        insert_only(
            "evidence_checkresult",
        ),
    ]
