"""A second factor shown for one decision."""

import uuid

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import apps.common.scope


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_sealed_devices"),
        ("tenancy", "0001_initial"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                name="email_is_lower",
            ),
        ),
        migrations.CreateModel(
            name="FreshFactor",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("decision", models.CharField(max_length=80)),
                ("subject", models.CharField(max_length=128)),
                ("device", models.CharField(max_length=80)),
                ("time_step", models.BigIntegerField()),
                ("proved_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("spent_at", models.DateTimeField(null=True)),
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
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="freshfactor",
            constraint=models.UniqueConstraint(
                fields=("device", "time_step"), name="one_use_of_a_code"
            ),
        ),
    ]
