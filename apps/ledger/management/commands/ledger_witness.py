"""`manage.py ledger_witness`: a witness that cosigns other people's logs (C2SP tlog-witness)."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.ledger.durable import write_durably
from apps.ledger.note import BadNote
from apps.ledger.witness.judge import Judge
from apps.ledger.witness.logs import LogFile
from apps.ledger.witness.memory import Memory
from apps.ledger.witness.serve import WitnessServer


class Command(BaseCommand):
    help = "Cosign checkpoints of the logs in a file, each only while it continues the last one."
    requires_system_checks: list[str] = []  # it uses neither the database nor the other apps

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, required=True, help="0 takes a free port")
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--state", type=Path, required=True, help="its key and its memory")
        parser.add_argument("--logs", type=Path, required=True, help="one verifier key per line")
        parser.add_argument("--name", default="witness.localhost", help="the cosigner's name")
        parser.add_argument("--key-file", type=Path, help="where to write its own verifier key")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            logs = LogFile(options["logs"])
            logs()
            memory = Memory(options["state"])
            judge = Judge(options["name"], memory, logs, lambda: datetime.now(UTC))
            server = WitnessServer(options["host"], options["port"], judge)
            if options["key_file"]:
                write_durably(options["key_file"], f"{judge.witness}\n".encode(), mode=0o644)
        except (OSError, sqlite3.Error, BadNote) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"witness {judge.witness} at {server.url}")
        self.stdout.flush()
        with server:
            server.serve_forever()
