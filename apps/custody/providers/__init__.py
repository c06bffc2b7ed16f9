"""Key providers by name."""

from apps.custody.providers.base import KeyProvider
from apps.custody.providers.local import LocalFileProvider

_PROVIDERS: dict[str, KeyProvider] = {"local": LocalFileProvider()}


def provider_named(name: str) -> KeyProvider:
    """The provider that wrapped a key; `KeyError` for one this installation does not have."""
    return _PROVIDERS[name]


def default_provider() -> KeyProvider:
    """The provider that new data keys are wrapped by."""
    return _PROVIDERS["local"]


__all__ = ["KeyProvider", "default_provider", "provider_named"]
