"""Links by which one person may take one pack for a few minutes."""

import datetime
import uuid

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import apps.common.scope
from apps.common.rls import isolate


class Migration(migrations.Migration):
    dependencies = [
        ("evidence", "0003_purposes"),
        ("accounts", "0004_row_security"),
        ("tenancy", "0003_others_rows_are_read_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DownloadGrant",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("digest", models.BinaryField(max_length=32)),
                ("bound_to", models.BinaryField(max_length=32)),
                ("granted_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("uses", models.PositiveSmallIntegerField(default=0)),
                ("last_used_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "factor",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.freshfactor",
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pack",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to="evidence.pack",
                    ),
                ),
                (
                    "revoked_by",
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
            options={
                "indexes": [
                    models.Index(fields=["pack", "-granted_at"], name="download_grants_of_a_pack")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("digest",), name="download_digest_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expires_at__gt", models.F("granted_at")),
                            (
                                "expires_at__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("granted_at"),
                                    "+",
                                    models.Value(datetime.timedelta(seconds=900)),
                                ),
                            ),
                        ),
                        name="download_link_is_short_lived",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("uses__lte", 20)), name="download_link_has_few_uses"
                    ),
                ],
            },
        ),
        isolate(
            "evidence_downloadgrant",
            refs={"pack_id": "evidence_pack", "factor_id": "accounts_freshfactor"},
        ),
    ]
