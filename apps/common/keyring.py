"""The installation's own keys: a file on a laptop, from which purposes derive theirs.

The keyring holds named 256-bit master keys and says which is current. Rotating means adding a key
and making it current; older ones stay for opening. AES-256-GCM, 96-bit random nonces (NIST SP
800-38D §8.2.2: fine up to 2^32 messages a key); purposes are separated by HKDF (RFC 5869).
"""

import base64
import json
import os
import secrets
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

KEY_BYTES = 32
NONCE_BYTES = 12


class CannotOpen(Exception):
    """A sealed value does not open: wrong key, wrong place, or changed bytes."""


def seal(key: bytes, plaintext: bytes, *, place: str) -> bytes:
    """Encrypt for one place: nonce, then ciphertext and tag. `place` is the associated data."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, place.encode())


def open_sealed(key: bytes, sealed: bytes, *, place: str) -> bytes:
    """Decrypt what `seal` made for the same place, or raise `CannotOpen`."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
    except (InvalidTag, ValueError) as error:
        raise CannotOpen("the sealed value does not open in this place") from error


def current_key_id(path: Path | None = None) -> str:
    """The name of the master key that new things are sealed under, here or in another keyring."""
    return _load(path or settings.KEYRING)[0]


@lru_cache(maxsize=256)
def derived_key(purpose: str, key_id: str, path: Path | None = None) -> bytes:
    """A 256-bit key for one purpose under the named master key; raises `CannotOpen` if unknown."""
    masters = _load(path or settings.KEYRING)[1]
    if key_id not in masters:
        raise CannotOpen(f"the keyring has no key named {key_id}")
    kdf = HKDF(
        algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"bailiwick/{purpose}".encode()
    )
    return kdf.derive(masters[key_id])


@lru_cache(maxsize=16)
def _load(path: Path) -> tuple[str, dict[str, bytes]]:
    if not path.exists():
        _create(path)
    document = json.loads(path.read_text(encoding="utf-8"))
    keys = {name: base64.b64decode(value) for name, value in document["keys"].items()}
    return document["current"], keys


def _create(path: Path) -> None:
    """Write a first keyring, readable by its owner only; another process may win the race."""
    path.parent.mkdir(parents=True, exist_ok=True)
    key = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"current": "k1", "keys": {"k1": key}}, file)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
