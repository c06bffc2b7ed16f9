"""`manage.py scan PATH`: what an org's metadata sends out, hides or leaves open."""

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand

from apps.posture.scan import command


class Command(BaseCommand):
    """Scan without touching the database. Exit codes: 0 clean, 1 findings, 2 could not read."""

    help = "Scan a folder or zip of Salesforce metadata for egress, secrets and open doors."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        command.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(command.run(options["path"], sarif=options["sarif"], gateways=options["gateway"]))
