from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ledger", "0008_verifications")]

    operations: list[migrations.RunSQL] = []
