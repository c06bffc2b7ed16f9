"""The list of everything inside the pack, signed: an in-toto Statement in a DSSE envelope.

in-toto Statement v1: https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
DSSE 1.0: https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
"""

import base64
from collections.abc import Iterable
from hashlib import sha256
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from . import canonical
from .content import Annex

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:bailiwick:evidence-pack:v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
MANIFEST_NAME = "manifest.dsse.json"
MANIFEST_KEY_NAME = "manifest-key.pem"
SUMMARY_NAME = "summary.json"
EVENTS_NAME = "events.jsonl"
EVENTS_CSV_NAME = "events.csv"
TREE_KIND = "RFC 6962, SHA-256, leaf = SHA-256(0x00 || body), over events.jsonl in file order"


class PackSigner(Protocol):
    """Signs the manifest with Ed25519; where the key lives is the caller's affair."""

    @property
    def public_key_pem(self) -> bytes:
        """SubjectPublicKeyInfo in PEM."""

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature (RFC 8032) over ``message``."""


class KeyInMemory:
    """A ``PackSigner`` over a key the caller already holds."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @property
    def public_key_pem(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


def statement(
    files: Iterable[Annex], *, events: int, root: bytes, about: dict[str, Any]
) -> dict[str, Any]:
    """Return the Statement naming each file by SHA-256, and the Merkle root over the events."""
    ordered = sorted(files, key=lambda file: file.name)
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": f.name, "digest": {"sha256": _hex(f.data)}} for f in ordered],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            **about,
            "events": {"count": events, "tree": TREE_KIND, "root": root.hex()},
            "files": [
                {
                    "name": file.name,
                    "mediaType": file.mime,
                    "bytes": len(file.data),
                    "description": file.description,
                }
                for file in ordered
            ],
        },
    }


def envelope(payload: dict[str, Any], *, signer: PackSigner) -> bytes:
    """Return the DSSE envelope of ``payload`` as canonical JSON."""
    body = canonical.dumps(payload)
    signature = signer.sign(pre_authentication(PAYLOAD_TYPE, body))
    return canonical.dumps(
        {
            "payloadType": PAYLOAD_TYPE,
            "payload": base64.b64encode(body).decode(),
            "signatures": [
                {
                    "keyid": _hex(signer.public_key_pem),
                    "sig": base64.b64encode(signature).decode(),
                }
            ],
        }
    )


def pre_authentication(payload_type: str, body: bytes) -> bytes:
    """Return the bytes that are signed: DSSE's pre-authentication encoding (PAE)."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)


def _hex(data: bytes) -> str:
    return sha256(data).hexdigest()
