"""One event comes in by a shorter way, and the functions that insert compute its leaf."""

from pathlib import Path

from django.conf import settings
from django.db import migrations

SINGLE = (Path(__file__).with_name("sql") / "0014_single.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0013_known")]

    operations = [
        migrations.RunSQL(
            SINGLE.replace("console_app", settings.DATABASE_APP_ROLE).replace(
                "console_sequencer", settings.DATABASE_SEQUENCER_ROLE
            )
        )
    ]
