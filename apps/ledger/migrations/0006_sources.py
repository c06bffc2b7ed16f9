from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_store")]

    operations: list[migrations.RunSQL] = []
