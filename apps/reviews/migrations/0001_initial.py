"""Reviews, their items and the history of decisions."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import apps.common.scope
import apps.custody.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("crm", "0002_row_security"),
        ("tenancy", "0002_row_security"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Campaign",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("snapshot_hash", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("ready", "Ready to start"),
                            ("in_review", "In review"),
                            ("remediating", "Revoking in the org"),
                            ("verifying", "Checking the org"),
                            ("closed", "Closed"),
                            ("closed_with_exceptions", "Closed with exceptions"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="ready",
                        max_length=24,
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("decisions_hash", models.CharField(blank=True, default="", max_length=64)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ending_note", apps.custody.fields.SealedTextField(default="")),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns",
                        to="crm.connection",
                    ),
                ),
                (
                    "finished_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "snapshot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns",
                        to="crm.snapshot",
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
            name="Item",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("token", "OAuth token"),
                            ("permission_assignment", "Permission set"),
                        ],
                        max_length=24,
                    ),
                ),
                ("subject_ref", models.CharField(max_length=18)),
                ("subject_name", apps.custody.fields.SealedTextField()),
                ("subject_person", models.UUIDField(null=True)),
                ("subject_is_integration", models.BooleanField(default=False)),
                ("subject_is_active", models.BooleanField(null=True)),
                ("target_ref", models.CharField(max_length=255)),
                ("label", models.CharField(max_length=255)),
                ("handle", apps.custody.fields.SealedTextField()),
                ("fingerprint", models.CharField(max_length=64)),
                (
                    "dangerous",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80), default=list, size=None
                    ),
                ),
                (
                    "paths",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=400), default=list, size=None
                    ),
                ),
                ("granted_at", models.DateTimeField(null=True)),
                ("last_used_at", models.DateTimeField(null=True)),
                ("use_count", models.PositiveIntegerField(null=True)),
                (
                    "risk",
                    models.CharField(
                        choices=[("high", "High"), ("medium", "Medium"), ("low", "Low")],
                        max_length=8,
                    ),
                ),
                ("risk_reason", models.CharField(max_length=500)),
                (
                    "suggestion",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("keep", "Keep"),
                            ("revoke", "Revoke"),
                            ("cannot_decide", "Cannot decide"),
                            ("no_response", "No response"),
                        ],
                        default="",
                        max_length=16,
                    ),
                ),
                ("suggestion_reason", models.CharField(blank=True, default="", max_length=300)),
                (
                    "change",
                    models.CharField(
                        choices=[
                            ("new", "New since the last review"),
                            ("unchanged", "Unchanged since the last review"),
                        ],
                        max_length=12,
                    ),
                ),
                ("protected", models.CharField(blank=True, default="", max_length=200)),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("keep", "Keep"),
                            ("revoke", "Revoke"),
                            ("cannot_decide", "Cannot decide"),
                            ("no_response", "No response"),
                        ],
                        default="",
                        max_length=16,
                    ),
                ),
                (
                    "remediation",
                    models.CharField(
                        choices=[
                            ("not_needed", "Nothing to do"),
                            ("withheld", "Withheld: protected"),
                            ("queued", "Waiting to be revoked"),
                            ("executed", "Revoked, not yet proven"),
                            ("verified_gone", "Proven gone"),
                            ("failed", "Failed"),
                            ("object_missing", "Was gone before we acted"),
                            ("reappeared", "Granted again since"),
                        ],
                        default="not_needed",
                        max_length=16,
                    ),
                ),
                ("remediation_code", models.CharField(blank=True, default="", max_length=60)),
                ("remediation_words", models.CharField(blank=True, default="", max_length=500)),
                ("calls", models.PositiveSmallIntegerField(default=0)),
                ("reads", models.PositiveSmallIntegerField(default=0)),
                ("claimed_until", models.DateTimeField(null=True)),
                ("called_at", models.DateTimeField(null=True)),
                ("executed_at", models.DateTimeField(null=True)),
                ("verified_at", models.DateTimeField(null=True)),
                (
                    "call_requests",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80), default=list, size=None
                    ),
                ),
                (
                    "read_requests",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80), default=list, size=None
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="reviews.campaign",
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
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
            name="Decision",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "choice",
                    models.CharField(
                        choices=[
                            ("keep", "Keep"),
                            ("revoke", "Revoke"),
                            ("cannot_decide", "Cannot decide"),
                            ("no_response", "No response"),
                        ],
                        max_length=16,
                    ),
                ),
                ("note", apps.custody.fields.SealedTextField(default="")),
                ("at", models.DateTimeField()),
                ("seconds", models.PositiveIntegerField(null=True)),
                ("batch_id", models.UUIDField(null=True)),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "by",
                    models.ForeignKey(
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
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="reviews.item",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="campaign",
            index=models.Index(fields=["tenant", "-opened_at", "-id"], name="campaigns_by_time"),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "ready",
                            "in_review",
                            "remediating",
                            "verifying",
                            "closed",
                            "closed_with_exceptions",
                            "cancelled",
                        ],
                    )
                ),
                name="campaign_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_at__gt", models.F("opened_at"))), name="campaign_due_later"
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ("ready", "in_review", "cancelled")),
                    models.Q(
                        ("finished_at__isnull", False),
                        ("finished_by__isnull", False),
                        models.Q(("decisions_hash", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="campaign_signed_before_remediation",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("ready", "in_review"))),
                fields=("connection",),
                name="one_review_of_an_org_at_a_time",
            ),
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(fields=["campaign", "risk", "position"], name="items_by_risk"),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.UniqueConstraint(
                fields=("campaign", "position"), name="item_position_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.UniqueConstraint(
                fields=("campaign", "fingerprint"), name="item_grant_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["token", "permission_assignment"])),
                name="item_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.CheckConstraint(
                condition=models.Q(("risk__in", ["high", "medium", "low"])), name="item_risk_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decision__in", ["", "keep", "revoke", "cannot_decide", "no_response"])
                ),
                name="item_decision_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "remediation__in",
                        [
                            "not_needed",
                            "withheld",
                            "queued",
                            "executed",
                            "verified_gone",
                            "failed",
                            "object_missing",
                            "reappeared",
                        ],
                    )
                ),
                name="item_remediation_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("remediation", "not_needed"), ("decision", "revoke"), _connector="OR"
                ),
                name="item_only_revoked_is_remediated",
            ),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("remediation", "executed"), _negated=True),
                    ("executed_at__isnull", False),
                    _connector="OR",
                ),
                name="item_executed_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("remediation", "verified_gone"), _negated=True),
                    models.Q(
                        ("executed_at__isnull", False),
                        ("read_requests__len__gt", 0),
                        ("verified_at__gte", models.F("executed_at")),
                    ),
                    _connector="OR",
                ),
                name="item_gone_only_after_a_read",
            ),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("protected", ""),
                    ("remediation__in", ("not_needed", "withheld")),
                    _connector="OR",
                ),
                name="item_protected_is_never_revoked",
            ),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["item", "-at"], name="decisions_of_an_item"),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("choice__in", ["keep", "revoke", "cannot_decide", "no_response"])
                ),
                name="decision_choice_known",
            ),
        ),
    ]
