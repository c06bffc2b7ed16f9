from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("custody", "0004_subject_keys")]

    operations: list[migrations.RunSQL] = []
