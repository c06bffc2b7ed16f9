"""Budgets and paths of orgs, what keeps the console out, and where instances are said to be."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import apps.common.scope
from apps.common.rls import isolate

TENANT = {
    "default": apps.common.scope.current_tenant_id,
    "editable": False,
    "on_delete": django.db.models.deletion.PROTECT,
    "related_name": "+",
    "to": "tenancy.tenant",
}
ID = {"default": uuid.uuid4, "editable": False, "primary_key": True, "serialize": False}
PATHS = [("public", "Public internet"), ("private_connect", "Private Connect")]


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0003_check_asked"),
        ("residency", "0002_row_security"),
        ("tenancy", "0003_others_rows_are_read_only"),
    ]

    operations = [
        migrations.AddField(
            model_name="connection",
            name="reserve_percent",
            field=models.PositiveSmallIntegerField(default=10),
        ),
        migrations.AddField(
            model_name="connection",
            name="calls_at_once",
            field=models.PositiveSmallIntegerField(default=10),
        ),
        migrations.AddField(
            model_name="connection",
            name="path",
            field=models.CharField(choices=PATHS, default="public", max_length=20),
        ),
        migrations.AddField(
            model_name="connection",
            name="resolved_to",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="connection",
            name="resolved_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name="connection",
            constraint=models.CheckConstraint(
                condition=models.Q(("path__in", ["public", "private_connect"])),
                name="connection_path_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="connection",
            constraint=models.CheckConstraint(
                condition=models.Q(("calls_at_once__range", (1, 25)), ("reserve_percent__lte", 90)),
                name="connection_budget_is_sane",
            ),
        ),
        migrations.CreateModel(
            name="InstancePlace",
            fields=[
                ("id", models.UUIDField(**ID)),
                ("prefix", models.CharField(max_length=20)),
                ("place", models.CharField(max_length=120)),
                ("source", models.CharField(max_length=255)),
                ("source_on", models.DateField()),
                ("tenant", models.ForeignKey(**TENANT)),
            ],
            options={
                "ordering": ["prefix"],
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "prefix"), name="instance_place_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="PrivateZone",
            fields=[
                ("id", models.UUIDField(**ID)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("tenant", models.ForeignKey(**TENANT)),
                (
                    "zone",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="residency.zone",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Trouble",
            fields=[
                ("id", models.UUIDField(**ID)),
                ("cause", models.CharField(max_length=40)),
                ("certain", models.BooleanField()),
                ("evidence", models.JSONField(default=dict)),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("times", models.PositiveIntegerField(default=1)),
                ("retry_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="troubles",
                        to="crm.connection",
                    ),
                ),
                ("tenant", models.ForeignKey(**TENANT)),
            ],
            options={
                "ordering": ["-last_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("connection", "cause"),
                        name="trouble_open_once",
                    )
                ],
            },
        ),
        isolate("crm_instanceplace"),
        isolate("crm_privatezone", refs={"zone_id": "residency_zone"}),
        isolate("crm_trouble", refs={"connection_id": "crm_connection"}),
    ]
