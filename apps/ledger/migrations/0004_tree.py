"""Positions, tiles, signed checkpoints: the sequencer's login adds, tenants read their own, and
nobody changes. Of the events the sequencer sees ids and hashes, never a body.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import apps.common.scope
from apps.common.rls import TENANT, append_only

APP, SEQUENCER = settings.DATABASE_APP_ROLE, settings.DATABASE_SEQUENCER_ROLE
LOGS = ("ledger_leaf", "ledger_tile", "ledger_checkpoint")
SEEN_OF_EVENTS = "xid, eid, tenant_id, id, leaf, recorded_at"
REQUIRE_ROLE = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{SEQUENCER}') THEN
        RAISE EXCEPTION 'role {SEQUENCER} is missing: create it (LOGIN NOSUPERUSER NOBYPASSRLS)';
    END IF;
END $$;
GRANT USAGE ON SCHEMA public TO {SEQUENCER};
"""
SHAPES = """
ALTER TABLE ledger_leaf
    ADD CONSTRAINT ledger_leaf_shape CHECK (seq >= 0 AND octet_length(leaf) = 32);
ALTER TABLE ledger_tile ADD CONSTRAINT ledger_tile_shape
    CHECK (level BETWEEN 0 AND 63 AND idx >= 0
        AND octet_length(data) = 8192 AND octet_length(root) = 32);
ALTER TABLE ledger_checkpoint ADD CONSTRAINT ledger_checkpoint_shape
    CHECK (size > 0 AND octet_length(root) = 32 AND octet_length(frontier) BETWEEN 32 AND 2048);
"""
EVENTS = f"""
CREATE POLICY sequencer ON ledger_event FOR SELECT TO {SEQUENCER} USING (true);
GRANT SELECT ({SEEN_OF_EVENTS}) ON ledger_event TO {SEQUENCER};
"""
NO_EVENTS = f"""
REVOKE ALL ON ledger_event FROM {SEQUENCER};
REVOKE SELECT ({SEEN_OF_EVENTS}) ON ledger_event FROM {SEQUENCER};
DROP POLICY sequencer ON ledger_event;
"""


def shut(table: str) -> str:
    """SQL after which the sequencer's login reads and adds rows, and nobody else adds any."""
    return f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        REVOKE ALL ON {table} FROM PUBLIC, {APP}, {SEQUENCER};
        CREATE POLICY sequencer_reads ON {table} FOR SELECT TO {SEQUENCER} USING (true);
        CREATE POLICY sequencer_adds ON {table} FOR INSERT TO {SEQUENCER} WITH CHECK (true);
        GRANT SELECT, INSERT ON {table} TO {SEQUENCER};
    """


def show(table: str) -> str:
    """SQL that lets each tenant read its own rows."""
    return f"""
        CREATE POLICY scope ON {table} FOR SELECT USING (tenant_id = {TENANT});
        GRANT SELECT ON {table} TO {APP};
    """


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0003_nothing_to_choose"),
        ("tenancy", "0003_others_rows_are_read_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("low", models.BigIntegerField()),
                ("hwm", models.BigIntegerField()),
                ("own_xid", models.BigIntegerField()),
                ("events", models.IntegerField()),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id",
                        "size",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("size", models.BigIntegerField()),
                ("root", models.BinaryField()),
                ("frontier", models.BinaryField()),
                ("note", models.TextField()),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
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
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Leaf",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id",
                        "seq",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("seq", models.BigIntegerField()),
                ("eid", models.BigIntegerField(unique=True)),
                ("event_id", models.UUIDField(db_index=True)),
                ("leaf", models.BinaryField()),
                ("batch", models.BigIntegerField()),
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
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Tile",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id",
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
                ("data", models.BinaryField()),
                ("root", models.BinaryField()),
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
                "abstract": False,
            },
        ),
        migrations.RunSQL(REQUIRE_ROLE, migrations.RunSQL.noop),
        migrations.RunSQL(SHAPES, migrations.RunSQL.noop),
        migrations.RunSQL(EVENTS, NO_EVENTS),
        *(append_only(table) for table in (*LOGS, "ledger_batch")),
        migrations.RunSQL(
            "".join(map(shut, (*LOGS, "ledger_batch"))) + "".join(map(show, LOGS)),
            migrations.RunSQL.noop,
        ),
    ]
