"""Data keys wrapped by several providers and by the tenant's own key; work on keys."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import apps.common.scope
from apps.common.rls import isolate

# Row security is forced on the owner too, so it is lifted for the move, inside this transaction.
MOVE = """
    ALTER TABLE custody_datakey NO FORCE ROW LEVEL SECURITY;
    UPDATE custody_datakey SET wraps = jsonb_build_array(jsonb_build_object(
        'provider', provider, 'key_id', key_id,
        'wrapped', translate(encode(wrapped, 'base64'), E'\\n', '')
    ));
    ALTER TABLE custody_datakey FORCE ROW LEVEL SECURITY;
"""
BACK = """
    ALTER TABLE custody_datakey NO FORCE ROW LEVEL SECURITY;
    UPDATE custody_datakey SET provider = wraps->0->>'provider', key_id = wraps->0->>'key_id',
        wrapped = decode(wraps->0->>'wrapped', 'base64');
    ALTER TABLE custody_datakey FORCE ROW LEVEL SECURITY;
"""
OUTER = "custody_datakey_outer_id_tenant"


def _tenant() -> models.ForeignKey:
    return models.ForeignKey(
        default=apps.common.scope.current_tenant_id,
        editable=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="tenancy.tenant",
    )


def _id() -> models.UUIDField:
    return models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)


def _now() -> models.DateTimeField:
    return models.DateTimeField(
        db_default=django.db.models.functions.datetime.Now(), editable=False
    )


class Migration(migrations.Migration):
    dependencies = [("custody", "0004_subject_keys")]

    operations = [
        migrations.AddField("datakey", "wraps", models.JSONField(default=list)),
        migrations.AddField("datakey", "retired_at", models.DateTimeField(null=True)),
        migrations.AlterField("datakey", "provider", models.CharField(max_length=20, default="")),
        migrations.AlterField("datakey", "key_id", models.CharField(max_length=120, default="")),
        migrations.AlterField("datakey", "wrapped", models.BinaryField(default=b"")),
        migrations.RunSQL(MOVE, BACK),
        migrations.RemoveField("datakey", "provider"),
        migrations.RemoveField("datakey", "key_id"),
        migrations.RemoveField("datakey", "wrapped"),
        migrations.CreateModel(
            name="TenantKey",
            fields=[
                ("id", _id()),
                ("version", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("supplied", "Supplied bytes"),
                            ("kms", "Key in the tenant's AWS account"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reference", models.CharField(default="", max_length=200)),
                ("proof", models.BinaryField(default=b"")),
                ("wraps", models.JSONField(default=list)),
                ("made_at", _now()),
                ("revoked_at", models.DateTimeField(null=True)),
                ("replaced_at", models.DateTimeField(null=True)),
                ("tenant", _tenant()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant", "version"), name="tenant_key_version_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("replaced_at__isnull", True)),
                        fields=("tenant",),
                        name="one_own_key_per_tenant",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("revoked_at__isnull", True), ("wraps", []), _connector="OR"
                        ),
                        name="a_revoked_key_is_not_kept",
                    ),
                ],
            },
        ),
        migrations.AddField(
            "datakey",
            "outer",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="custody.tenantkey",
            ),
        ),
        migrations.CreateModel(
            name="KeyWork",
            fields=[
                ("id", _id()),
                ("purpose", models.CharField(max_length=60)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("settling", "Waiting for the last writers"),
                            ("finished", "Finished"),
                        ],
                        default="running",
                        max_length=10,
                    ),
                ),
                ("position", models.CharField(default="", max_length=200)),
                ("total", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("kept", models.PositiveIntegerField(default=0)),
                ("started_at", _now()),
                ("settles_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("tenant", _tenant()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "finished"), _negated=True),
                        fields=("tenant", "purpose"),
                        name="one_work_per_purpose",
                    )
                ],
            },
        ),
        isolate("custody_tenantkey"),
        isolate("custody_keywork"),
        migrations.RunSQL(
            f"ALTER TABLE custody_datakey ADD CONSTRAINT {OUTER} FOREIGN KEY (tenant_id, outer_id)"
            " REFERENCES custody_tenantkey (tenant_id, id);",
            f"ALTER TABLE custody_datakey DROP CONSTRAINT {OUTER};",
        ),
    ]
