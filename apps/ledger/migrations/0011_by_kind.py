"""Lists narrowed by a kind of thing alone are read by index, not by time and then filtered."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0010_insert_only")]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["tenant", "target_type", "-at"], name="ledger_by_kind"),
        ),
    ]
