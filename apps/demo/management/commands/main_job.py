"""`manage.py main_job`: the seven steps over HTTP, unattended."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import requests
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from apps.demo.orgs import read_org
from apps.demo.people import find_tenant
from apps.demo.steps import STEPS
from apps.demo.steps.run import Run
from apps.demo.visitor import StepFailed


class Command(BaseCommand):
    """Loads the two tenants bare, then does what people would do; ends with the pack's path."""

    help = "Run the main job from start to end against a running console."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--console-url", required=True)
        parser.add_argument("--acme-org", type=Path, required=True)
        parser.add_argument("--globex-org", type=Path, required=True)
        parser.add_argument("--packs", type=Path, default=Path(settings.BASE_DIR) / "var" / "packs")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command(
            "load_demo",
            acme_org=options["acme_org"],
            globex_org=options["globex_org"],
            bare=True,
            stdout=self.stdout,
        )
        tenant = find_tenant("acme")
        if tenant is None:
            raise CommandError("the demo's tenant is missing although it was just loaded")
        run = Run(
            tenant_id=tenant.pk,
            console_url=options["console_url"],
            org=read_org("acme", options["acme_org"]),
            packs=options["packs"],
            say=self._say,
        )
        for number, (name, step) in enumerate(STEPS, start=1):
            self._do(number, name, step, run)
        self._say(str(run.found["pack"]))

    def _do(self, number: int, name: str, step: Any, run: Run) -> None:
        started = time.monotonic()
        self._say(f"  {number}. {name} …")
        try:
            step(run)
        except (StepFailed, LookupError, requests.RequestException) as error:
            raise CommandError(f"step {number} ({name}) failed: {error}") from error
        self._say(f"     done in {time.monotonic() - started:.1f} s")

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()
