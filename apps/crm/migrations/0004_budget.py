from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("crm", "0003_check_asked")]

    operations: list[migrations.RunSQL] = []
