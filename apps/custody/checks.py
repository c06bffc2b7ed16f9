"""What can be misconfigured about keys, found before anything is sealed."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks

from apps.custody import providers
from apps.custody.providers.base import Misconfigured


@checks.register(checks.Tags.security)
def key_providers_are_whole(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Providers exist, have their options, and production keeps its keys out of files."""
    return [*_unusable(), *_shared(), *_in_files()]


def _unusable() -> Iterator[checks.CheckMessage]:
    if not settings.CUSTODY_PROVIDERS or not settings.CUSTODY_EMERGENCY_PROVIDERS:
        yield checks.Error(
            "There is no key provider for ordinary or for emergency secrets.",
            hint="Set CUSTODY_PROVIDERS and CUSTODY_EMERGENCY_PROVIDERS.",
            id="custody.E001",
        )
    for name in providers.configured():
        try:
            providers.provider_named(name)
        except Misconfigured as error:
            yield checks.Error(f"Key provider {name}: {error}.", id="custody.E002")


def _shared() -> Iterator[checks.CheckMessage]:
    ordinary = set(providers.names_for(""))
    both = sorted(ordinary.intersection(providers.names_for("custody.tokens")))
    if both:
        yield checks.Error(
            f"{', '.join(both)} would hold ordinary and emergency keys.",
            hint="Emergency credentials need providers of their own.",
            id="custody.E003",
        )


def _in_files() -> Iterator[checks.CheckMessage]:
    files = sorted(name for name, kind in providers.configured().items() if kind == "local")
    if settings.PRODUCTION and files and not settings.CUSTODY_ALLOW_KEYRING_FILE:
        yield checks.Error(
            f"{', '.join(files)} would keep production's keys in a file.",
            hint="Use pkcs11, kms or vault, or set CUSTODY_ALLOW_KEYRING_FILE=true knowingly.",
            id="custody.E004",
        )
