"""The log of logs and its anchors: the sequencer's login adds, tenants read, nobody changes."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import apps.common.scope
from apps.common.rls import TENANT, append_only

APP, SEQUENCER = settings.DATABASE_APP_ROLE, settings.DATABASE_SEQUENCER_ROLE
TABLES = (
    "ledger_rootleaf",
    "ledger_rootnode",
    "ledger_rootcheckpoint",
    "ledger_anchor",
    "ledger_anchorproblem",
)
SEEN_BY_TENANTS = {
    "ledger_rootleaf": f"tenant_id = {TENANT}",
    "ledger_anchorproblem": f"tenant_id IS NULL OR tenant_id = {TENANT}",
}
SHAPES = """
ALTER TABLE ledger_rootleaf ADD CONSTRAINT ledger_rootleaf_shape
    CHECK (idx >= 0 AND size > 0 AND octet_length(leaf) = 32);
ALTER TABLE ledger_rootnode ADD CONSTRAINT ledger_rootnode_shape
    CHECK (level BETWEEN 0 AND 63 AND idx >= 0 AND octet_length(hash) = 32);
ALTER TABLE ledger_rootcheckpoint ADD CONSTRAINT ledger_rootcheckpoint_shape
    CHECK (size > 0 AND octet_length(root) = 32);
ALTER TABLE ledger_anchor ADD CONSTRAINT ledger_anchor_checkpoint
    FOREIGN KEY (size) REFERENCES ledger_rootcheckpoint (size);
"""


def shut(table: str) -> str:
    """SQL after which the sequencer's login reads and adds, and tenants read what is theirs."""
    return f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        REVOKE ALL ON {table} FROM PUBLIC, {APP}, {SEQUENCER};
        CREATE POLICY sequencer_reads ON {table} FOR SELECT TO {SEQUENCER} USING (true);
        CREATE POLICY sequencer_adds ON {table} FOR INSERT TO {SEQUENCER} WITH CHECK (true);
        GRANT SELECT, INSERT ON {table} TO {SEQUENCER};
        CREATE POLICY scope ON {table} FOR SELECT USING ({SEEN_BY_TENANTS.get(table, "true")});
        GRANT SELECT ON {table} TO {APP};
    """


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_sources"), ("tenancy", "0003_others_rows_are_read_only")]

    operations = [
        migrations.CreateModel(
            name="RootCheckpoint",
            fields=[
                ("size", models.BigIntegerField(primary_key=True, serialize=False)),
                ("root", models.BinaryField()),
                ("note", models.TextField()),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="RootNode",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "level",
                        "idx",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("level", models.SmallIntegerField()),
                ("idx", models.BigIntegerField()),
                ("hash", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Anchor",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("size", models.BigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("timestamp", "Timestamp service"),
                            ("object", "Locked object"),
                            ("witness", "Witness"),
                        ],
                        max_length=10,
                    ),
                ),
                ("place", models.CharField(max_length=200)),
                ("proof", models.BinaryField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("size", "kind", "place"), name="ledger_anchor_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AnchorProblem",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("size", models.BigIntegerField()),
                ("kind", models.CharField(max_length=10)),
                ("place", models.CharField(max_length=200)),
                ("code", models.CharField(max_length=40)),
                ("retryable", models.BooleanField()),
                ("words", models.CharField(max_length=400)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.tenant",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["-at"], name="ledger_anchorproblem_recent")],
            },
        ),
        migrations.CreateModel(
            name="RootLeaf",
            fields=[
                ("idx", models.BigIntegerField(primary_key=True, serialize=False)),
                ("size", models.BigIntegerField()),
                ("leaf", models.BinaryField()),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
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
                    models.UniqueConstraint(fields=("tenant", "size"), name="ledger_rootleaf_once")
                ],
            },
        ),
        migrations.RunSQL(SHAPES, migrations.RunSQL.noop),
        *(append_only(table) for table in TABLES),
        migrations.RunSQL("".join(map(shut, TABLES)), migrations.RunSQL.noop),
    ]
