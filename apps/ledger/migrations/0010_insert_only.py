"""The serving role may add to append-only tables and has no right to change or remove rows."""

from django.db import migrations

from apps.common.rls import insert_only


class Migration(migrations.Migration):
    dependencies = [("ledger", "0009_retention")]

    operations = [
        insert_only(
            "ledger_verification",
            "ledger_retentionpolicy",
            "ledger_legalhold",
            "ledger_holdrelease",
            "ledger_prunemark",
        ),
    ]
