"""Zones, field classes, policy versions and their rules."""

import uuid

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import apps.common.scope


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tenancy", "0002_row_security"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PolicyVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published")],
                        default="draft",
                        max_length=12,
                    ),
                ),
                ("content", models.JSONField(null=True)),
                (
                    "content_hash",
                    models.CharField(
                        blank=True,
                        default="",
                        max_length=64,
                        validators=[django.core.validators.RegexValidator("^[0-9a-f]{64}$")],
                    ),
                ),
                ("published_at", models.DateTimeField(null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
            name="Zone",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("slug", models.SlugField(max_length=60)),
                (
                    "jurisdictions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2), size=None
                    ),
                ),
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
            ],
        ),
        migrations.CreateModel(
            name="FlowRule",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("order", models.PositiveIntegerField()),
                ("name", models.SlugField(max_length=60)),
                (
                    "data_class",
                    models.CharField(
                        choices=[
                            ("fit", "Fit for models"),
                            ("restricted", "Restricted"),
                            ("any", "Any class"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "subject_jurisdictions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("case-summary", "Summarise cases"),
                            ("emergency-access", "Emergency access"),
                            ("evidence-export", "Evidence export"),
                        ],
                        default="",
                        max_length=30,
                    ),
                ),
                (
                    "destination_jurisdictions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "effect",
                    models.CharField(
                        choices=[("allow", "Allow"), ("mask", "Mask"), ("deny", "Deny")],
                        max_length=8,
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
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rules",
                        to="residency.policyversion",
                    ),
                ),
                (
                    "destination_zone",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="residency.zone",
                    ),
                ),
            ],
            options={
                "ordering": ["order"],
            },
        ),
        migrations.CreateModel(
            name="FieldClass",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("object_name", models.CharField(max_length=80)),
                ("field_name", models.CharField(max_length=80)),
                (
                    "data_class",
                    models.CharField(
                        choices=[
                            ("fit", "Fit for models"),
                            ("restricted", "Restricted"),
                            ("never", "Never leaves"),
                        ],
                        max_length=12,
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
                        fields=("tenant", "object_name", "field_name"), name="field_classified_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("data_class__in", ["fit", "restricted", "never"])),
                        name="field_class_known",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="policyversion",
            constraint=models.UniqueConstraint(
                fields=("tenant", "number"), name="policy_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="policyversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "draft")), fields=("tenant",), name="one_policy_draft"
            ),
        ),
        migrations.AddConstraint(
            model_name="policyversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("content__isnull", True),
                        ("content_hash", ""),
                        ("published_at", None),
                        ("state", "draft"),
                    ),
                    models.Q(
                        ("content__isnull", False),
                        ("content_hash__regex", "^[0-9a-f]{64}$"),
                        ("published_at__isnull", False),
                        ("published_by__isnull", False),
                        ("state", "published"),
                    ),
                    _connector="OR",
                ),
                name="policy_published_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="zone",
            constraint=models.UniqueConstraint(fields=("tenant", "slug"), name="zone_slug_once"),
        ),
        migrations.AddConstraint(
            model_name="zone",
            constraint=models.CheckConstraint(
                condition=models.Q(("jurisdictions__len__gt", 0)), name="zone_lies_somewhere"
            ),
        ),
        migrations.AddConstraint(
            model_name="flowrule",
            constraint=models.UniqueConstraint(fields=("version", "name"), name="rule_name_once"),
        ),
        migrations.AddConstraint(
            model_name="flowrule",
            constraint=models.UniqueConstraint(fields=("version", "order"), name="rule_order_once"),
        ),
        migrations.AddConstraint(
            model_name="flowrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("effect", "deny"),
                    models.Q(
                        ("destination_zone__isnull", False), ("effect__in", ["allow", "mask"])
                    ),
                    models.Q(
                        ("destination_jurisdictions__len__gt", 0), ("effect__in", ["allow", "mask"])
                    ),
                    _connector="OR",
                ),
                name="permit_says_where",
            ),
        ),
    ]
