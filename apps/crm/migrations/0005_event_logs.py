"""Event log files, their rows, and how taking them goes."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import apps.common.scope
import apps.crm.eventlogs.models
from apps.common.rls import isolate

CONNECTION = {"connection_id": "crm_connection"}


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0004_budget"),
        ("tenancy", "0003_others_rows_are_read_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="LogFile",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("org_file_id", models.CharField(max_length=18)),
                ("org_created_at", models.DateTimeField()),
                ("event_type", models.CharField(max_length=60)),
                ("hourly", models.BooleanField()),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("sequence", models.PositiveSmallIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("size_bytes", models.PositiveBigIntegerField()),
                ("row_count", models.PositiveIntegerField()),
                ("unreadable_count", models.PositiveIntegerField(default=0)),
                ("taken_at", models.DateTimeField()),
                ("superseded_at", models.DateTimeField(null=True)),
                ("dropped_at", models.DateTimeField(null=True)),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="log_files",
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
        ),
        migrations.CreateModel(
            name="LogPiece",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("content", apps.crm.eventlogs.models.SealedBytesField()),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pieces",
                        to="crm.logfile",
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
        ),
        migrations.CreateModel(
            name="LogPolicy",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("keep_days", models.PositiveSmallIntegerField(default=180)),
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
        ),
        migrations.CreateModel(
            name="LogRow",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                ("event_type", models.CharField(max_length=60)),
                ("app_id", models.CharField(blank=True, default="", max_length=120)),
                ("app_name", models.CharField(blank=True, default="", max_length=255)),
                ("user_id", models.CharField(blank=True, default="", max_length=18)),
                ("address", models.CharField(blank=True, default="", max_length=60)),
                ("method", models.CharField(blank=True, default="", max_length=60)),
                ("resource", models.CharField(blank=True, default="", max_length=300)),
                ("entity", models.CharField(blank=True, default="", max_length=255)),
                ("status", models.CharField(blank=True, default="", max_length=60)),
                ("rows", models.BigIntegerField(null=True)),
                ("request_id", models.CharField(blank=True, default="", max_length=64)),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="crm.connection",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rows",
                        to="crm.logfile",
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
        ),
        migrations.CreateModel(
            name="LogWatch",
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
                            ("never", "Not looked yet"),
                            ("taking", "Taking files"),
                            ("current", "Up to date"),
                            ("refused", "Not readable"),
                            ("failed", "Failed"),
                        ],
                        default="never",
                        max_length=8,
                    ),
                ),
                ("attempt", models.PositiveIntegerField(default=0)),
                ("asked_at", models.DateTimeField(null=True)),
                ("touched_at", models.DateTimeField(null=True)),
                ("looked_at", models.DateTimeField(null=True)),
                ("reached_at", models.DateTimeField(null=True)),
                ("files_due", models.PositiveIntegerField(default=0)),
                ("files_done", models.PositiveIntegerField(default=0)),
                ("error", models.CharField(blank=True, default="", max_length=400)),
                (
                    "connection",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="log_watch",
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
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="logfile",
            index=models.Index(
                fields=["connection", "event_type", "starts_at"], name="log_files_by_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="logfile",
            constraint=models.UniqueConstraint(
                fields=("connection", "org_file_id", "org_created_at"), name="log_file_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="logfile",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                name="log_file_has_length",
            ),
        ),
        migrations.AddConstraint(
            model_name="logpiece",
            constraint=models.UniqueConstraint(fields=("file", "number"), name="log_piece_once"),
        ),
        migrations.AddConstraint(
            model_name="logpolicy",
            constraint=models.UniqueConstraint(fields=("tenant",), name="one_log_policy"),
        ),
        migrations.AddConstraint(
            model_name="logpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("keep_days__gte", 30), ("keep_days__lte", 3650)),
                name="log_policy_in_range",
            ),
        ),
        migrations.AddIndex(
            model_name="logrow",
            index=models.Index(fields=["connection", "-at", "-id"], name="log_rows_by_time"),
        ),
        migrations.AddIndex(
            model_name="logrow",
            index=models.Index(fields=["connection", "request_id"], name="log_rows_by_request"),
        ),
        migrations.AddIndex(
            model_name="logrow",
            index=models.Index(fields=["connection", "event_type", "at"], name="log_rows_by_type"),
        ),
        isolate("crm_logfile", refs=CONNECTION),
        isolate("crm_logwatch", refs=CONNECTION),
        isolate("crm_logpiece", refs={"file_id": "crm_logfile"}),
        isolate("crm_logrow", refs={**CONNECTION, "file_id": "crm_logfile"}),
        isolate("crm_logpolicy"),
    ]
