import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import apps.common.scope


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tenancy", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("action", models.CharField(max_length=80)),
                ("actor", models.CharField(max_length=80)),
                ("target_type", models.CharField(max_length=60)),
                ("target_id", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("body", models.BinaryField()),
                ("leaf", models.BinaryField()),
                (
                    "tenant",
                    models.ForeignKey(
                        default=apps.common.scope.current_tenant_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.tenant",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["tenant", "-at", "-id"], name="ledger_by_time"),
                    models.Index(fields=["tenant", "target_id", "at"], name="ledger_by_target"),
                    models.Index(fields=["tenant", "actor", "-at"], name="ledger_by_actor"),
                    models.Index(fields=["tenant", "action", "-at"], name="ledger_by_action"),
                ],
            },
        ),
    ]
