"""Wrap the installation's signing keys by the configured providers, as the schema's owner."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.custody import making, rewrapping


class Command(BaseCommand):
    help = "Rewrap signing keys after the key providers changed; no key changes."

    def handle(self, *args: Any, **options: Any) -> None:
        if not making.may_rotate():
            raise CommandError("The serving role may not change keys: set BAILIWICK_ROLE=owner.")
        self.stdout.write(f"{rewrapping.rewrap_signing_keys()} signing keys were rewrapped.")
