"""`manage.py ledger_guard`: print the guard's SQL for a superuser, or say whether it stands."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.ledger import guard


class Command(BaseCommand):
    """Without arguments prints SQL: `manage.py ledger_guard | psql SUPERUSER_URL`."""

    help = "Print the SQL that guards the ledger's tables; --check says whether it is installed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="exit 1 unless it is installed")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            self.stdout.write(guard.install_sql())
        elif guard.is_installed():
            self.stdout.write("The ledger is guarded.")
        else:
            raise CommandError(
                "The ledger is not guarded, or changed since. As a superuser run the SQL that "
                "`manage.py ledger_guard` prints, after every migration."
            )
