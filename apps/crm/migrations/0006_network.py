from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("crm", "0005_event_logs")]

    operations: list[migrations.RunSQL] = []
