from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("evidence", "0003_purposes")]

    operations: list[migrations.RunSQL] = []
