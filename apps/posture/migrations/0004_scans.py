from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("posture", "0003_findings")]

    operations: list[migrations.RunSQL] = []
