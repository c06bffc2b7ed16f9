"""`manage.py ledger_timestamps`: a local timestamp service for the demo and for laptops."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.ledger.timestamps.authority import AuthorityWornOut, TimestampAuthority
from apps.ledger.timestamps.serve import TimestampServer


class Command(BaseCommand):
    help = "Serve RFC 3161 timestamps on loopback until stopped. They prove order, not time."
    requires_system_checks: list[str] = []  # it uses neither the database nor the other apps

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, required=True, help="0 takes a free port")
        parser.add_argument("--state", type=Path, required=True, help="directory of certificates")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            authority = TimestampAuthority.open(options["state"], now=datetime.now(UTC))
            service = authority.service(lambda: datetime.now(UTC))
            server = TimestampServer(options["port"], service)
        except (OSError, AuthorityWornOut) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"timestamps at {server.url}, root {authority.root}")
        self.stdout.flush()
        with server:
            server.serve_forever()
