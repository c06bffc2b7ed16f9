"""An id is looked up in all months by one plan: planning for each look-up took twice as long."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ledger", "0012_add")]

    operations = [
        migrations.RunSQL(
            "ALTER FUNCTION ledger_is_known(uuid, jsonb) SET plan_cache_mode = force_generic_plan"
        )
    ]
