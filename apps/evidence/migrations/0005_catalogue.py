"""Runs of the catalogue's checks and what each check found."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import apps.common.scope
from apps.common.rls import append_only, isolate


class Migration(migrations.Migration):
    dependencies = [
        ("evidence", "0004_handing_over"),
        ("tenancy", "0003_others_rows_are_read_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CheckRun",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
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
                "indexes": [models.Index(fields=["tenant", "-asked_at"], name="check_runs_by_time")]
            },
        ),
        migrations.CreateModel(
            name="CheckResult",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("control", models.CharField(max_length=10)),
                ("name", models.CharField(max_length=60)),
                ("result", models.CharField(max_length=10)),
                ("sentence", models.CharField(max_length=400)),
                ("at", models.DateTimeField()),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="results",
                        to="evidence.checkrun",
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
                    models.Index(fields=["tenant", "name", "-at"], name="check_results_newest")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "name"), name="a_check_once_a_run"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("result__in", ("danger", "unknown", "attention", "good"))
                        ),
                        name="check_result_is_known",
                    ),
                ],
            },
        ),
        isolate("evidence_checkrun"),
        isolate("evidence_checkresult", refs={"run_id": "evidence_checkrun"}),
        append_only("evidence_checkresult"),
    ]
