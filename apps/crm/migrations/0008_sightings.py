"""What was seen of an org's sign-ins."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import apps.common.scope
from apps.common.rls import isolate


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0007_insert_only"),
        ("tenancy", "0003_others_rows_are_read_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="Sighting",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("address", "Address of an account"),
                            ("client", "Client"),
                            ("burst", "Burst of failed sign-ins"),
                        ],
                        max_length=8,
                    ),
                ),
                ("account", models.CharField(blank=True, default="", max_length=18)),
                ("name", models.CharField(blank=True, default="", max_length=120)),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sightings",
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
                "constraints": [
                    models.UniqueConstraint(
                        fields=("connection", "kind", "account", "name"), name="sighting_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["address", "client", "burst"])),
                        name="sighting_kind_is_known",
                    ),
                ],
            },
        ),
        isolate("crm_sighting", refs={"connection_id": "crm_connection"}),
    ]
