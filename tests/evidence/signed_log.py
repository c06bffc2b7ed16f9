"""A small signed ledger made up for tests: bodies of one tenant, some of them in the pack."""

import base64
import json
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from apps.evidence.pack.content import Annex
from apps.evidence.pack.positions import (
    ANCHOR_LEAF,
    ANCHOR_PATH,
    ANCHOR_ROOT,
    ANCHOR_STAMPED,
    CHECKPOINT_NAME,
    KEYS_NAME,
    PROOF_NAME,
    proof_bytes,
)
from apps.ledger.cover import cover_of
from apps.ledger.merkle import consistency_path, hashes_of, inclusion_path, leaf_hash, root_of
from apps.ledger.note import Checkpoint, Verifier, sign

TENANT = "7b0c1f6e-3a57-4a36-9a5e-0f0f0f0f0f0f"
ORIGIN = f"log.example/ledger/{TENANT}"


class Key:
    """An Ed25519 key as notes want one."""

    def __init__(self, seed: int) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(bytes([seed] * 32))

    @property
    def public(self) -> bytes:
        return self._private.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)


KEY, OTHER = Key(7), Key(8)


def event(number: int, tenant: str = TENANT) -> bytes:
    """One canonical body."""
    told = {"action": "made.up.done", "n": number, "tenant_id": tenant}
    return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()


def annexes(
    size: int,
    ranges: Sequence[tuple[int, int]],
    *,
    loose: int = 0,
    key: Key = KEY,
    named: Key | None = None,
) -> tuple[Annex, ...]:
    """The ledger's files for a log of `size` events; `named` is the key that the pack tells of."""
    leaves = [leaf_hash(event(number)) for number in range(size)]
    text = Checkpoint(ORIGIN, size, root_of(leaves)).text
    vkey = str(Verifier(ORIGIN, (named or key).public))
    cover = cover_of(ranges, size, hashes_of(leaves))
    files = {
        CHECKPOINT_NAME: sign(text, name=ORIGIN, keys=[key]).encode(),
        PROOF_NAME: proof_bytes(ranges, size, cover, unpositioned=loose),
        KEYS_NAME: json.dumps({"origin": ORIGIN, "keys": [{"vkey": vkey}]}).encode(),
    }
    return tuple(
        Annex(name=name, mime="application/json", data=data, description="")
        for name, data in files.items()
    )


def bodies(ranges: Sequence[tuple[int, int]]) -> list[bytes]:
    """The events of those positions."""
    return [event(number) for start, end in ranges for number in range(start, end)]


def anchors(old: int, size: int, *, key: Key = KEY) -> dict[str, bytes]:
    """The files of an anchor over an earlier state of the log, among four other logs'."""
    leaves = [leaf_hash(event(number)) for number in range(size)]
    text = Checkpoint(ORIGIN, old, root_of(leaves[:old])).text
    logs = [leaf_hash(each) for each in (b"a", b"b", text.encode(), b"c", b"d")]
    parent = ORIGIN.rpartition("/")[0]
    root = sign(Checkpoint(parent, 5, root_of(logs)).text, name=parent, keys=[key]).encode()
    path = [base64.b64encode(each).decode() for each in inclusion_path(hashes_of(logs), 2, 5)]
    leaf = {"index": 2, "note": sign(text, name=ORIGIN, keys=[KEY]), "path": path}
    between = [each.hex() for each in consistency_path(hashes_of(leaves), old, size)]
    return {
        ANCHOR_LEAF: json.dumps(leaf).encode(),
        ANCHOR_PATH: json.dumps({"old": old, "new": size, "path": between}).encode(),
        ANCHOR_ROOT: root,
        ANCHOR_STAMPED: root,
    }


def as_annexes(files: dict[str, bytes]) -> tuple[Annex, ...]:
    """Files as a pack attaches them."""
    return tuple(
        Annex(name=name, mime="text/plain", data=data, description="")
        for name, data in files.items()
    )
