"""Events move into partitions by tenant and month, and one function becomes the only way in."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import apps.common.scope

SQL = Path(__file__).with_name("sql")


def script(name: str) -> str:
    """The SQL of that name, for the roles that the settings name."""
    text = (SQL / name).read_text(encoding="utf-8")
    roles = {
        "console_app": settings.DATABASE_APP_ROLE,
        "console_sequencer": settings.DATABASE_SEQUENCER_ROLE,
    }
    for placeholder, role in roles.items():
        text = text.replace(placeholder, role)
    return text


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_tree"), ("tenancy", "0002_row_security")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(script("0005_events.sql")),
                migrations.RunSQL(script("0005_move.sql")),
                migrations.RunSQL(script("0005_shut.sql")),
            ],
            state_operations=[
                migrations.AddField("event", "request_id", models.UUIDField(null=True)),
                migrations.AddField("event", "source_id", models.UUIDField(null=True)),
                migrations.AddField("event", "source_seq", models.BigIntegerField(null=True)),
                migrations.AlterField(
                    "event",
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        default=apps.common.scope.current_tenant_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.tenant",
                    ),
                ),
                migrations.AddIndex(
                    "event",
                    models.Index(
                        fields=["tenant", "request_id"],
                        name="ledger_by_request",
                        condition=models.Q(request_id__isnull=False),
                    ),
                ),
            ],
        )
    ]
