"""Which spools were begun on this host: a signed line each, so that one that is gone is missed.

It stands beside the spools, so whoever removes both leaves only what their process remembers
(`writing.take_vanished`), and nothing at all when that process is gone too.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings

from apps.ledger.durable import write_durably
from apps.ledger.models import Event
from apps.ledger.spool import place
from apps.ledger.spool.lines import Header, signed_bytes

FILE = "begun"
DRAINED = "ledger.spool.drained"


@dataclass(frozen=True, slots=True)
class Entry:
    """A spool that was begun here."""

    header: Header
    raw: bytes


def line_of(header: Header, signature: bytes) -> bytes:
    """The line for a spool whose key signed its start."""
    said = {"spool": str(header.spool), "host": header.host, "at": header.at, "key": header.key}
    return rfc8785.dumps({**said, "sig": signature.hex()}) + b"\n"


def path_of(tenant_id: UUID) -> Path:
    """One tenant's journal."""
    return Path(settings.LEDGER_SPOOL) / str(tenant_id) / FILE


def entries(tenant_id: UUID) -> list[Entry]:
    """The authentic lines; others prove nothing."""
    try:
        lines = path_of(tenant_id).read_bytes().splitlines(keepends=True)
    except OSError:
        return []
    found = (_entry(tenant_id, raw) for raw in lines)
    return [entry for entry in found if entry is not None]


def without_file(tenant_id: UUID) -> list[Entry]:
    """Spools that were begun and whose file is neither waiting nor kept aside."""
    room = path_of(tenant_id).parent
    there = {path.stem for path in (*place.files_of(tenant_id), *(room / place.KEPT).glob("*"))}
    return [each for each in entries(tenant_id) if str(each.header.spool) not in there]


def forget(tenant_id: UUID, settled: Collection[Entry]) -> None:
    """Leave out the lines of spools that are settled. Raises `OSError`, `CannotSpool`."""
    if settled:
        with place.locked():
            left = [each.raw for each in entries(tenant_id) if each not in settled]
            write_durably(path_of(tenant_id), b"".join(left))


def is_drained(spool: UUID) -> bool:
    """Whether the open tenant's ledger tells of the spool's end."""
    return Event.objects.filter(action=DRAINED, target_id=str(spool)).exists()


def _entry(tenant_id: UUID, raw: bytes) -> Entry | None:
    try:
        said = json.loads(raw)
        header = Header(UUID(said["spool"]), tenant_id, said["key"], said["host"], said["at"])
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(header.key))
        public.verify(bytes.fromhex(said["sig"]), signed_bytes(header.start()))
    except (ValueError, KeyError, TypeError, AttributeError, InvalidSignature):
        return None
    return Entry(header, raw)
