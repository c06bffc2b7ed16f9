"""Private keys as people paste them."""

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from apps.common.errors import Invalid

SMALLEST_BITS = 2048  # NIST SP 800-131A; Salesforce's own certificates start there
LONGEST_CHARACTERS = 16_000
_ASK = "Paste the PEM file, from -----BEGIN PRIVATE KEY----- to -----END PRIVATE KEY-----."


def checked_private_key(pem: str) -> str:
    """The key in PKCS #8 PEM, or `Invalid` (field `private_key`). Nothing of it is repeated."""
    typed = pem.strip()
    if not typed:
        raise _wrong(f"The private key is missing. {_ASK}")
    if len(typed) > LONGEST_CHARACTERS or not typed.isascii():
        raise _wrong(f"That is no private key. {_ASK}")
    if "CERTIFICATE" in typed.splitlines()[0] or "PUBLIC KEY" in typed.splitlines()[0]:
        raise _wrong(f"That is the public half, which belongs into the app. {_ASK}")
    if "ENCRYPTED" in typed[:200]:
        raise _wrong("The key is locked with a passphrase. Unlock it first: openssl pkey -in key.")
    key = _loaded(typed)
    if key.key_size < SMALLEST_BITS:
        raise _wrong(f"The key has {key.key_size} bits; {SMALLEST_BITS} or more are needed.")
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def stored_private_key(pem: str) -> RSAPrivateKey:
    """A key that `checked_private_key` let in and that rested sealed since, ready to sign.

    Raises ValueError for anything else. Its numbers were checked then; to check them at every
    sign-in would cost 50 ms and more of the processor (a third of a second for 4,096 bits).
    """
    key = load_pem_private_key(pem.encode(), None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("The stored key is no RSA key.")
    return key


def _loaded(pem: str) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _wrong(f"That is no private key. {_ASK}") from None
    if not isinstance(key, RSAPrivateKey):
        raise _wrong("Salesforce signs in with RSA keys only, and that is another kind.")
    return key


def _wrong(message: str) -> Invalid:
    return Invalid(message, field="private_key")
