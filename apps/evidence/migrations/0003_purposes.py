from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("evidence", "0002_row_security")]

    operations: list[migrations.RunSQL] = []
