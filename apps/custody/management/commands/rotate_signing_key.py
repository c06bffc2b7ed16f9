"""Rotate a signing key of the installation, as the schema's owner.

BAILIWICK_ROLE=owner manage.py rotate_signing_key --purpose ledger.checkpoint
"""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.common.clock import database_now
from apps.common.errors import DomainError
from apps.custody import making, sealkey, signing


class Command(BaseCommand):
    help = "Make a new signing key; the old one goes on signing beside it for the overlap."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--purpose", required=True, choices=[signing.CHECKPOINTS, sealkey.SEALS]
        )
        parser.add_argument("--overlap-hours", type=float, default=24.0)

    def handle(self, *args: Any, **options: Any) -> None:
        if not making.may_rotate():
            raise CommandError("The serving role may not rotate keys: set BAILIWICK_ROLE=owner.")
        try:
            made = making.rotate_signing_key(
                purpose=options["purpose"],
                overlap=timedelta(hours=options["overlap_hours"]),
                now=database_now(),
            )
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(
            f"{made} signs from {made.active_from.isoformat()}; its public half is "
            f"{bytes(made.public).hex()}. The old key signs for {options['overlap_hours']:g} h yet."
        )
