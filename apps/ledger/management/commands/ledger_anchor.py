"""`manage.py ledger_anchor`: anchor until stopped, or sign again after somebody has looked."""

import signal
from threading import Event
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.ledger.anchoring import config
from apps.ledger.anchoring.judge import anchor_file, connect_to
from apps.ledger.anchoring.loop import run_forever
from apps.ledger.anchoring.remembered import MemoryDamaged
from apps.ledger.anchoring.resuming import resume


class Command(BaseCommand):
    help = "Keep the log of logs, and have it held by timestamps, locked objects and witnesses."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--resume",
            action="store_true",
            help="sign halted logs again, once the right database is back; each is proved anew",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DATABASE_SEQUENCER_URL:
            raise CommandError("DATABASE_SEQUENCER_URL is not set: anchoring has its own login.")
        connect = connect_to(settings.DATABASE_SEQUENCER_URL)
        if options["resume"]:
            return self._resume(connect)
        try:
            anchorer = config.anchorer()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        places = ", ".join(outside.place for outside in anchorer.outsides) or "nowhere outside"
        self.stdout.write(f"anchoring at {places}; remembered in {anchorer.file.path}")
        self.stdout.flush()
        run_forever(stop, anchorer=anchorer, connect=connect)
        return None

    def _resume(self, connect: Any) -> None:
        try:
            with connect() as connection:
                halted = resume(connection, anchor_file())
        except (OSError, MemoryDamaged) as error:
            raise CommandError(str(error)) from error
        for log, words in halted.items():
            self.stdout.write(f"{log}: no longer halted. It was, because: {words}")
        if not halted:
            self.stdout.write("Nothing was halted.")
