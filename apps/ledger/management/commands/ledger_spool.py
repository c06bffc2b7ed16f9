"""Look after this host's spool of emergency events.

manage.py ledger_spool            what waits here
manage.py ledger_spool --prepare  make the host's key, and known to every tenant's ledger
manage.py ledger_spool --drain    take in what waits
manage.py ledger_spool --shut     spool nothing on this host until --reopen
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.common.errors import DomainError
from apps.common.scope import scoped
from apps.ledger.spool import draining, key, place, preparing, waiting


class Command(BaseCommand):
    help = "Show, prepare, drain or shut this host's spool of emergency events."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_mutually_exclusive_group()
        for verb in ("prepare", "drain", "shut", "reopen"):
            verbs.add_argument(f"--{verb}", dest="verb", action="store_const", const=verb)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['verb'] or 'show'}")()
        except (DomainError, OSError) as error:
            raise CommandError(str(error)) from error

    def _show(self) -> None:
        for tenant_id in place.tenants_here():
            with scoped(tenant_id=tenant_id):
                found = waiting.waiting_here()
            if found:
                self.stdout.write(f"{tenant_id}: {found.words}")
        self.stdout.write("That is all that waits on this host.")

    def _prepare(self) -> None:
        told = preparing.prepare_host()
        self.stdout.write(f"Key {key.host_key().name} of {key.HOST}; told to {told} ledgers now.")

    def _drain(self) -> None:
        done = draining.drain_host()
        self.stdout.write(
            f"{done.recorded} events recorded, {done.removed} files settled, {done.waiting} waiting"
            f" for the ledger, {done.faults} faults (alarms in the ledger)."
        )

    def _shut(self) -> None:
        (place.root() / place.SHUT).touch(mode=0o600)
        self.stdout.write("Shut: without the ledger, nothing is read on this host.")

    def _reopen(self) -> None:
        (place.root() / place.SHUT).unlink(missing_ok=True)
        self.stdout.write("Open again.")
