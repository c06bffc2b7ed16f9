"""Thresholds for volumes, and comparisons with event logs."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import apps.common.scope
from apps.common.rls import isolate


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0003_check_asked"),
        ("posture", "0004_scans"),
        ("tenancy", "0003_others_rows_are_read_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="LogComparison",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("looked_at", models.DateTimeField()),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("observed_hours", models.FloatField(default=0)),
                ("volume_words", models.CharField(blank=True, default="", max_length=400)),
                ("volume_apps", models.PositiveIntegerField(default=0)),
                ("volume_hours", models.PositiveIntegerField(default=0)),
                ("deviations", models.JSONField(default=list)),
                ("words", models.CharField(blank=True, default="", max_length=400)),
                ("matched", models.PositiveIntegerField(default=0)),
                ("unrecorded_count", models.PositiveIntegerField(default=0)),
                ("unrecorded", models.JSONField(default=list)),
                ("unseen_count", models.PositiveIntegerField(default=0)),
                ("unseen", models.JSONField(default=list)),
                ("pending_count", models.PositiveIntegerField(default=0)),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="log_comparisons",
                        to="crm.connection",
                    ),
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
                    models.Index(fields=["connection", "-looked_at"], name="log_comparison_newest")
                ],
            },
        ),
        migrations.CreateModel(
            name="VolumePolicy",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("score", models.FloatField(default=6.0)),
                ("least_calls", models.PositiveIntegerField(default=50)),
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
                    models.UniqueConstraint(fields=("tenant",), name="one_volume_policy"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("least_calls__gte", 1), ("score__gte", 2), ("score__lte", 100)
                        ),
                        name="volume_policy_in_range",
                    ),
                ],
            },
        ),
        isolate("posture_logcomparison", refs={"connection_id": "crm_connection"}),
        isolate("posture_volumepolicy"),
    ]
