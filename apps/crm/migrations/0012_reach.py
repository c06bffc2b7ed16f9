"""What permission sets give, how fields are kept, and from where an org lets people in."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import apps.common.scope
from apps.common.rls import insert_only, isolate


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0011_networks"),
        ("tenancy", "0003_others_rows_are_read_only"),
    ]

    operations = [
        migrations.AddField(
            model_name="connection",
            name="watched_objects",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="snapshot",
            name="beside",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="snapshotaccount",
            name="login_ranges",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="snapshotapp",
            name="in_use",
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name="snapshotapp",
            name="ip_ranges",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="snapshotapp",
            name="runs_as",
            field=models.CharField(blank=True, default="", max_length=18),
        ),
        migrations.AddField(
            model_name="snapshotassignment",
            name="muted",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="snapshotassignment",
            name="set_ids",
            field=models.JSONField(default=list),
        ),
        migrations.AlterField(
            model_name="snapshotapp",
            name="kind",
            field=models.CharField(
                choices=[
                    ("connected_app", "Connected app"),
                    ("external_client_app", "External client app"),
                    ("not_installed", "Used, not installed"),
                ],
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="SnapshotField",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("object_name", models.CharField(max_length=80)),
                ("field_name", models.CharField(max_length=80)),
                ("classification", models.CharField(blank=True, default="", max_length=60)),
                ("compliance", models.CharField(blank=True, default="", max_length=255)),
                ("encrypted", models.BooleanField(null=True)),
                ("calculated", models.BooleanField(default=False)),
                (
                    "snapshot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fields",
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
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("snapshot", "object_name", "field_name"),
                        name="field_once_per_snapshot",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SnapshotPermissionSet",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("set_id", models.CharField(max_length=18)),
                ("label", models.CharField(blank=True, default="", max_length=255)),
                ("objects_given", models.JSONField(null=True)),
                ("fields_given", models.JSONField(null=True)),
                (
                    "snapshot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="permission_sets",
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
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("snapshot", "set_id"), name="set_once_per_snapshot"
                    )
                ],
            },
        ),
        isolate("crm_snapshotfield", refs={"snapshot_id": "crm_snapshot"}),
        isolate("crm_snapshotpermissionset", refs={"snapshot_id": "crm_snapshot"}),
        insert_only("crm_snapshotfield", "crm_snapshotpermissionset"),
    ]
