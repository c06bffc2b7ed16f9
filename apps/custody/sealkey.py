"""The key that seals packs (ECDSA P-256), wrapped here or kept inside a PKCS #11 token.

Custody has the key and no opinion on certificates: whoever seals hands in an authority's
`certify`, which gives the public half its certificate and chain.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key
from django.conf import settings

from apps.custody import making
from apps.custody.models import SigningKey
from apps.custody.providers import tokens

SEALS = "evidence.seal"
# Gives a public key its certificate and the chain above it, all PEM, nearest first.
Certify = Callable[[ec.EllipticCurvePublicKey], tuple[bytes, tuple[bytes, ...]]]


@dataclass(frozen=True, slots=True)
class SealSigner:
    """Signs for seals. `algorithm` is ECDSA with SHA-256; signatures are DER (RFC 3279)."""

    certificate_pem: bytes
    chain: tuple[bytes, ...]
    where: str
    _sign: Callable[[bytes], bytes] = field(repr=False)
    algorithm: str = "sha256_ecdsa"

    def sign(self, data: bytes) -> bytes:
        """The signature over SHA-256 of `data`. Raises `KeysUnavailable`, `KeysRefused`."""
        return self._sign(data)


def seal_signer(certify: Certify) -> SealSigner:
    """The newest sealing key with its certificate; the first is made at first need.

    `CUSTODY_SEAL_PROVIDER` names the PKCS #11 provider in which a first key is made.
    """
    newest = SigningKey.objects.filter(purpose=SEALS).order_by("-version").first()
    row = newest or making.first_key(
        SEALS, SigningKey.Algorithm.P256, token=settings.CUSTODY_SEAL_PROVIDER
    )
    public = load_der_public_key(bytes(row.public))
    if not isinstance(public, ec.EllipticCurvePublicKey):
        raise TypeError("the sealing key is no elliptic-curve key")
    certificate, chain = certify(public)
    return SealSigner(certificate, chain, row.token_provider or "wrapped", _signing_with(row))


def _signing_with(row: SigningKey) -> Callable[[bytes], bytes]:
    if row.token_provider:
        token, label = tokens.token_named(row.token_provider), row.token_label
        return lambda data: token.sign_digest(label, sha256(data).digest())
    key = load_der_private_key(making.open_private(row), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("the sealing key is no elliptic-curve key")
    return lambda data: key.sign(data, ec.ECDSA(SHA256()))
