"""What sources say of themselves, and an index to find their events by number."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import apps.common.scope
from apps.common.rls import append_only, isolate


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_store"), ("tenancy", "0002_row_security")]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                fields=["tenant", "source_id", "source_seq"], name="ledger_by_source"
            ),
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("source_id", models.UUIDField()),
                ("name", models.CharField(max_length=40)),
                ("acknowledged", models.JSONField(default=list)),
                ("ends", models.BooleanField(default=False)),
                ("gap_free", models.BooleanField(default=False)),
                (
                    "at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
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
                    models.Index(fields=["tenant", "source_id", "-at"], name="ledger_receipt_last"),
                ],
            },
        ),
        isolate("ledger_receipt"),
        append_only("ledger_receipt"),
        migrations.RunSQL(
            "REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON ledger_receipt"
            f" FROM {settings.DATABASE_APP_ROLE};",
            migrations.RunSQL.noop,
        ),
    ]
