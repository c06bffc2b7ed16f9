"""`manage.py ledger_sequence`: give events their positions and sign checkpoints, until stopped."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from apps.ledger.sequencer.serving import make_sequencer


class Command(BaseCommand):
    help = "Sequences and signs the ledger; a second one waits and takes over. SIGTERM stops it."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        sequencer = make_sequencer()
        sequencer.run(stop)
