"""Write a tenant's ledger as files that anyone can check.

manage.py ledger_export --tenant SLUG --out EXPORT [--since-size N] [--operator NAME]
python -m apps.ledger.verify EXPORT
"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.common.errors import DomainError
from apps.common.scope import scoped
from apps.ledger.exports import COMMAND, export_to
from apps.ledger.tenants import tenant_called


class Command(BaseCommand):
    help = "Write a tenant's ledger with its proofs to a new directory."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", required=True, help="the tenant's short name")
        parser.add_argument("--out", required=True, type=Path, help="a directory not yet there")
        parser.add_argument("--since-size", type=int, default=0, help="leave out older bodies")
        parser.add_argument("--operator", default="", help="your account or staff number")

    def handle(self, *args: Any, **options: Any) -> None:
        operator = options["operator"] or input("Your account or staff number: ")
        try:
            with scoped(tenant_id=tenant_called(options["tenant"])):
                made = export_to(
                    options["out"],
                    actor=COMMAND,
                    operator=operator,
                    first=options["since_size"],
                )
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(
            f"{made.size:,} entries written to {options['out']}; manifest sha256 {made.sha256}\n"
            f"Check it anywhere: python -m apps.ledger.verify {options['out']}"
        )
