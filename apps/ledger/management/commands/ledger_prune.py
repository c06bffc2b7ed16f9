"""Remove events that a tenant need not keep any longer, after exporting them with their proofs.

manage.py ledger_prune --tenant SLUG --out EXPORT [--operator NAME]

DATABASE_RETENTION_URL names the login that may remove; EXPORT is where the events go. Leaves, tiles
and checkpoints stay, so that every proof that was given out still holds.
"""

from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from apps.common.errors import DomainError
from apps.ledger.exports import COMMAND
from apps.ledger.retention import Connection, prune
from apps.ledger.tenants import tenant_called


class Command(BaseCommand):
    help = "Export and then remove events older than a tenant keeps them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", required=True, help="the tenant's short name")
        parser.add_argument("--out", required=True, type=Path, help="a directory not yet there")
        parser.add_argument("--operator", default="", help="your account or staff number")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DATABASE_RETENTION_URL:
            raise CommandError("Set DATABASE_RETENTION_URL: only that login may remove events.")
        try:
            mark = prune(
                tenant_id=tenant_called(options["tenant"]),
                out=options["out"],
                actor=COMMAND,
                operator=options["operator"] or input("Your account or staff number: "),
                connect=_connect,
            )
        except DomainError as error:
            raise CommandError(error.message) from error
        if mark is None:
            self.stdout.write("Nothing is older than this tenant keeps events.")
        else:
            self.stdout.write(f"Events below position {mark.below:,} stand in {mark.place} only.")


def _connect() -> Connection:
    name = str(connection.settings_dict["NAME"])
    return psycopg.connect(settings.DATABASE_RETENTION_URL, dbname=name)
