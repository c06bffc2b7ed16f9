"""What checks of the log found, and exports that were asked for."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import apps.common.scope
from apps.common.rls import append_only, isolate


class Migration(migrations.Migration):
    dependencies = [("ledger", "0007_anchors"), ("tenancy", "0003_others_rows_are_read_only")]

    operations = [
        migrations.CreateModel(
            name="Verification",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField()),
                ("actor", models.CharField(max_length=80)),
                ("began_with", models.BigIntegerField()),
                ("size", models.BigIntegerField()),
                ("root", models.BinaryField()),
                ("code", models.SmallIntegerField()),
                ("findings", models.JSONField(default=list)),
                ("proved", models.JSONField(default=list)),
                ("not_proved", models.JSONField(default=list)),
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
                    models.Index(fields=["tenant", "-started_at", "-id"], name="ledger_verified")
                ]
            },
        ),
        migrations.CreateModel(
            name="LogExport",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting"),
                            ("writing", "Being written"),
                            ("ready", "Ready"),
                            ("failed", "Failed"),
                        ],
                        default="queued",
                        max_length=8,
                    ),
                ),
                ("actor", models.CharField(max_length=80)),
                ("asked_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("first", models.BigIntegerField(default=0)),
                ("size", models.BigIntegerField()),
                ("done", models.BigIntegerField(default=0)),
                ("sha256", models.CharField(blank=True, max_length=64)),
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
                "constraints": [
                    models.CheckConstraint(
                        name="ledger_export_range",
                        condition=models.Q(first__gte=0, first__lte=models.F("size"), done__gte=0),
                    ),
                    models.CheckConstraint(
                        name="ledger_export_ready",
                        condition=~models.Q(state="ready") | ~models.Q(sha256=""),
                    ),
                ]
            },
        ),
        isolate("ledger_verification"),
        append_only("ledger_verification"),
        isolate("ledger_logexport"),
    ]
