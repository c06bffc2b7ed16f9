from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("posture", "0004_scans")]

    operations: list[migrations.RunSQL] = []
