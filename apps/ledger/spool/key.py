"""The key of this host's spools, and how each tenant's ledger came to know it beforehand.

A file that only the console's account can read, made on this host and never copied: at the moment
of need no key service has to answer and no row has to be written. Whoever has this file could also
write to the ledger through the console's own login. What the key adds is which host it was.
"""

import os
import socket
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from apps.common.scope import current_tenant_id
from apps.ledger.durable import write_durably
from apps.ledger.models import Event
from apps.ledger.spool import place
from apps.ledger.spool.lines import signed_bytes

FILE = "host.key"
PREPARED = "ledger.spool.prepared"
HOST = socket.gethostname()[:40] or "host"


@dataclass(frozen=True, slots=True)
class HostKey:
    """The key that signs this host's spools."""

    private: Ed25519PrivateKey = field(repr=False)

    @property
    def name(self) -> str:
        """The public half, 64 hexadecimal digits."""
        return self.private.public_key().public_bytes_raw().hex()

    def sign(self, chained: bytes) -> bytes:
        """The signature of a line (`lines.py`)."""
        return self.private.sign(signed_bytes(chained))


def host_key() -> HostKey:
    """This host's key. Raises `CannotSpool` before it was made, and when others could read it."""
    path = place.root() / FILE
    try:
        private = os.stat(path, follow_symlinks=False)
        if private.st_mode & 0o077 or private.st_uid != os.geteuid():
            raise place.CannotSpool(f"The spool's key of {HOST} can be read by others; not used.")
        return HostKey(Ed25519PrivateKey.from_private_bytes(path.read_bytes()))
    except (OSError, ValueError) as failure:
        raise place.CannotSpool(
            f"{HOST} has no key for a spool, so nothing was done. Prepare it while the ledger can"
            " be written: manage.py ledger_spool --prepare"
        ) from failure


def make_host_key() -> HostKey:
    """This host's key, made at the first call. Raises `CannotSpool`, `OSError`."""
    with place.locked() as root:
        path: Path = root / FILE
        if not path.exists():
            write_durably(path, Ed25519PrivateKey.generate().private_bytes_raw())
    return host_key()


def event_id_of(key: str) -> uuid.UUID:
    """The id of the event that makes a key known in the open tenant's ledger."""
    return uuid.uuid5(current_tenant_id(), f"spool key {key}")


def known_since(key: str) -> datetime | None:
    """When the open tenant's ledger learned of a key; None when it never did."""
    event = Event.objects.filter(id=event_id_of(key), action=PREPARED).first()
    return event.recorded_at if event else None
