"""`manage.py sandbox`: a stand-in org and model endpoints on loopback."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.sandbox.launch import launch
from apps.sandbox.options import add_arguments


class Command(BaseCommand):
    help = "Serve a stand-in Salesforce org, and model endpoints, until stopped."
    requires_system_checks: list[str] = []  # it uses neither the database nor the other apps

    def add_arguments(self, parser: CommandParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        status = launch(
            port=options["port"],
            tls=options["tls"],
            as_json=options["json"],
            state=options["state"],
            org_key=options["org"],
            llm_ports=options["llm_port"],
        )
        sys.exit(status)
