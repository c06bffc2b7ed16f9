from django.db import migrations, models


class Migration(migrations.Migration):
    """The ledger's pages follow a record or a prompt through the runs that handled it."""

    dependencies = [("sync", "0002_row_security")]

    operations = [
        migrations.AddIndex(
            model_name="runitem",
            index=models.Index(fields=["tenant", "record_id", "-at"], name="run_items_by_record"),
        ),
        migrations.AddIndex(
            model_name="runitem",
            index=models.Index(fields=["tenant", "fingerprint", "-at"], name="run_items_by_prompt"),
        ),
    ]
