"""Events come in by one statement that derives their columns, without a trigger on its way."""

from pathlib import Path

from django.conf import settings
from django.db import migrations

ADD = (Path(__file__).with_name("sql") / "0012_add.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0011_by_kind")]

    operations = [migrations.RunSQL(ADD.replace("console_app", settings.DATABASE_APP_ROLE))]
