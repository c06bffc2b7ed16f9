"""Say in words whether each key provider works: `manage.py custody_check`."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.common.keyring import CannotOpen
from apps.custody import envelope, providers
from apps.custody.providers.base import KeyProvider, KeysRefused, KeysUnavailable, Misconfigured

PLACE = "custody/check"


class Command(BaseCommand):
    help = "Wrap and unwrap a random key with each configured provider; fails when one cannot."

    def handle(self, *args: Any, **options: Any) -> None:
        failed = [name for name in providers.configured() if not self._works(name)]
        if failed:
            raise CommandError(f"These key providers do not work: {', '.join(failed)}.")

    def _works(self, name: str) -> bool:
        try:
            provider = providers.provider_named(name)
            trouble = _trouble(provider) if provider else "is not configured"
        except (Misconfigured, KeysUnavailable, KeysRefused, CannotOpen) as error:
            trouble = str(error)
        purpose = "emergency keys" if name in providers.names_for("custody.tokens") else "all keys"
        self.stdout.write(f"{name}, for {purpose}: {trouble or 'wraps, opens, and binds to place'}")
        return not trouble


def _trouble(provider: KeyProvider) -> str:
    key = os.urandom(32)
    wrapped = envelope.wrap_by(provider, key, place=PLACE)
    if envelope.unwrap_one(wrapped, place=PLACE) != key:
        return "gave back another key than it was given"
    try:
        envelope.unwrap_one(wrapped, place=f"{PLACE}/elsewhere")
    except CannotOpen:
        return ""
    return "opens a key in a place it was not wrapped for"
