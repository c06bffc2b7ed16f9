"""The serving role may add to append-only tables and has no right to change or remove rows."""

from django.db import migrations

from apps.common.rls import insert_only


class Migration(migrations.Migration):
    dependencies = [("reviews", "0002_row_security")]

    operations = [
        insert_only(
            "reviews_decision",
        ),
    ]
