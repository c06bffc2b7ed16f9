"""Whether reads go on, in a spool, while the ledger cannot be written.

Versions from before say no: people signed requests under them without knowing of a spool.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("breakglass", "0005_insert_only")]

    operations = [
        migrations.AddField("emergencypolicy", "spooling", models.BooleanField(default=False)),
        migrations.AlterField("emergencypolicy", "spooling", models.BooleanField(default=True)),
    ]
