"""What a pack is for and in which language; how a tenant's packs look."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import apps.common.scope
from apps.common.rls import isolate

LANGUAGES = [("en", "English"), ("de", "Deutsch")]


class Migration(migrations.Migration):
    dependencies = [
        ("evidence", "0002_row_security"),
        ("tenancy", "0003_others_rows_are_read_only"),
    ]

    operations = [
        migrations.AddField("pack", "began_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "pack",
            "language",
            models.CharField(choices=LANGUAGES, default="en", max_length=2),
        ),
        migrations.AddField("pack", "purpose", models.CharField(default="period", max_length=30)),
        migrations.AddField("pack", "subject_id", models.UUIDField(null=True)),
        migrations.AddField(
            "pack",
            "subject_name",
            models.CharField(blank=True, default="", max_length=160),
        ),
        migrations.AddConstraint(
            "pack",
            models.CheckConstraint(
                condition=models.Q(language__in=["en", "de"]), name="pack_language_known"
            ),
        ),
        migrations.CreateModel(
            name="Branding",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "language",
                    models.CharField(choices=LANGUAGES, default="en", max_length=2),
                ),
                ("logo", models.BinaryField(default=b"")),
                (
                    "changed_at",
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
                "constraints": [
                    models.UniqueConstraint(fields=("tenant",), name="one_branding"),
                    models.CheckConstraint(
                        condition=models.Q(language__in=["en", "de"]),
                        name="branding_language_known",
                    ),
                ],
            },
        ),
        isolate("evidence_branding"),
    ]
