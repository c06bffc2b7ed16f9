from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("custody", "0003_signing_keys")]

    operations: list[migrations.RunSQL] = []
