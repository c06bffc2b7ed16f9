from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("posture", "0005_volume")]

    operations: list[migrations.RunSQL] = []
