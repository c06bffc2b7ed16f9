from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("evidence", "0004_handing_over")]

    operations: list[migrations.RunSQL] = []
