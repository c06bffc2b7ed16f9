"""The configured key providers, by name and by what they are for.

`CUSTODY_PROVIDERS` lists them in the order in which opening tries them, each as `name` or
`name=kind` (kinds: local, pkcs11, kms, vault). Every data key is wrapped by all of them.
`CUSTODY_EMERGENCY_PROVIDERS` stand apart: they wrap the keys of emergency credentials, and nothing
else; the others never do.
"""

from functools import lru_cache
from importlib import import_module

from django.conf import settings
from django.core.signals import setting_changed

from apps.custody.providers.base import KeyProvider, Misconfigured, Options

# Imported at first use: the cloud libraries take most of a second, and few installations have two.
KINDS = {
    "local": ("apps.custody.providers.local", "LocalFileProvider"),
    "pkcs11": ("apps.custody.providers.hsm", "Pkcs11Provider"),
    "kms": ("apps.custody.providers.kms", "KmsProvider"),
    "vault": ("apps.custody.providers.vault", "VaultProvider"),
}
# Purposes of data keys whose values open an emergency: separate providers, keys and access rule.
EMERGENCY_PURPOSES = frozenset({"custody.tokens"})


def is_emergency(purpose: str) -> bool:
    """Whether values of this purpose are emergency credentials."""
    return purpose in EMERGENCY_PURPOSES


def providers_for(purpose: str) -> list[KeyProvider]:
    """The providers that wrap the keys of this purpose, first one first."""
    return _listed(tuple(names_for(purpose)))


def names_for(purpose: str) -> list[str]:
    """The names of `providers_for`."""
    entries = (
        settings.CUSTODY_EMERGENCY_PROVIDERS
        if is_emergency(purpose)
        else settings.CUSTODY_PROVIDERS
    )
    return [_split(entry)[0] for entry in entries]


def provider_named(name: str) -> KeyProvider | None:
    """The provider of that name; None for one this installation no longer has."""
    kind = configured().get(name)
    return None if kind is None else _made(name, kind)


def configured() -> dict[str, str]:
    """Name to kind of every provider, whatever it is for."""
    entries = [*settings.CUSTODY_PROVIDERS, *settings.CUSTODY_EMERGENCY_PROVIDERS]
    return dict(_split(entry) for entry in entries)


def own_kms(options: Options, region: str) -> KeyProvider:
    """A provider over a tenant's own AWS key, reached with the console's AWS identity.

    `CUSTODY_OWN_ENDPOINT` names another KMS-compatible service.
    """
    values = {
        **options.values,
        "CUSTODY_OWN_REGION": region,
        "CUSTODY_OWN_ENDPOINT": settings.CUSTODY_OPTIONS.get("CUSTODY_OWN_ENDPOINT", ""),
    }
    module, made_by = KINDS["kms"]
    provider: KeyProvider = getattr(import_module(module), made_by)(Options("own", values))
    return provider


def _split(entry: str) -> tuple[str, str]:
    name, _, kind = entry.strip().partition("=")
    return name.strip(), (kind or name).strip()


def _listed(names: tuple[str, ...]) -> list[KeyProvider]:
    return [provider for name in names if (provider := provider_named(name)) is not None]


@lru_cache(maxsize=32)
def _made(name: str, kind: str) -> KeyProvider:
    if kind not in KINDS:
        raise Misconfigured(f"key provider {name}: there is no kind {kind!r}; use {_kinds()}")
    module, made_by = KINDS[kind]
    provider: KeyProvider = getattr(import_module(module), made_by)(
        Options(name, settings.CUSTODY_OPTIONS)
    )
    return provider


def _kinds() -> str:
    return ", ".join(sorted(KINDS))


def forget_providers(**kwargs: object) -> None:
    """Make the providers anew at next use, for instance after settings changed in a test."""
    if str(kwargs.get("setting", "CUSTODY")).startswith("CUSTODY"):
        _made.cache_clear()


setting_changed.connect(forget_providers)

__all__ = ["KeyProvider", "Options", "configured", "names_for", "provider_named", "providers_for"]
