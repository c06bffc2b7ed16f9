from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_nothing_to_choose")]

    operations: list[migrations.RunSQL] = []
