"""Model endpoints."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import apps.common.scope
import apps.custody.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("residency", "0002_row_security"),
        ("tenancy", "0002_row_security"),
    ]

    operations = [
        migrations.CreateModel(
            name="Endpoint",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("base_url", models.CharField(max_length=200)),
                ("model", models.CharField(max_length=120)),
                ("api_key", apps.custody.fields.SealedTextField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("checking", "Not checked yet"),
                            ("healthy", "Healthy"),
                            ("failing", "Failing"),
                        ],
                        default="checking",
                        max_length=12,
                    ),
                ),
                ("health", models.CharField(blank=True, default="", max_length=300)),
                ("checked_at", models.DateTimeField(null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
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
                (
                    "zone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="endpoints",
                        to="residency.zone",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "name"), name="endpoint_name_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["checking", "healthy", "failing"])),
                        name="endpoint_state_known",
                    ),
                ],
            },
        ),
    ]
