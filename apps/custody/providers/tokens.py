"""Providers inside which signing keys can be made and stay for ever (hardware tokens)."""

from typing import Protocol, cast, runtime_checkable

from apps.custody import providers
from apps.custody.providers.base import Misconfigured


@runtime_checkable
class SigningToken(Protocol):
    """A token that makes P-256 keys which never leave it."""

    def make_signing_key(self, label: str) -> bytes:
        """Make a key pair under that label; its public half as SubjectPublicKeyInfo (DER)."""

    def sign_digest(self, label: str, digest: bytes) -> bytes:
        """ECDSA over a SHA-256 digest, as a DER `Ecdsa-Sig-Value` (RFC 3279 §2.2.3)."""


def token_named(name: str) -> SigningToken:
    """The provider of that name, when it can hold signing keys; raises `Misconfigured`."""
    provider = providers.provider_named(name)
    if not isinstance(provider, SigningToken):
        raise Misconfigured(f"the key provider {name!r} holds no signing keys: name a PKCS #11 one")
    return cast(SigningToken, provider)
