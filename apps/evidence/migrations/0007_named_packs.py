from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("evidence", "0006_insert_only")]

    operations = [
        migrations.AlterModelOptions(
            name="pack",
            options={
                "permissions": [
                    ("see_named_pack", "See the pack as one of those named to this person")
                ]
            },
        ),
    ]
