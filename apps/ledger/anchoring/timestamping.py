"""An RFC 3161 token over the checkpoint's note."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlsplit

from cryptography import x509

from apps.ledger.anchoring.outside import AnchorFailed, Held
from apps.ledger.anchoring.rootlog import Signed
from apps.ledger.merkle import Hashes
from apps.ledger.models.anchors import AnchorKind
from apps.ledger.timestamps.client import fetch_stamp
from apps.ledger.timestamps.errors import TimestampFailed, TokenBad


@dataclass(frozen=True)
class TimestampAnchor:
    """Any service by URL; tokens must lead to one of `roots`."""

    url: str
    roots: Sequence[x509.Certificate]
    kind: AnchorKind = AnchorKind.TIMESTAMP

    @property
    def place(self) -> str:
        return urlsplit(self.url).netloc.rpartition("@")[2][:200]  # without name and password

    def hold(self, signed: Signed, hashes: Hashes, *, last: int, now: datetime) -> Held:
        """Stamp SHA-256 of the whole note, signatures included."""
        digest = sha256(signed.note.encode()).digest()
        try:
            found = fetch_stamp(self.url, digest, roots=self.roots)
        except TimestampFailed as error:
            code = "timestamp-bad" if isinstance(error, TokenBad) else "timestamp-missing"
            raise AnchorFailed(code, str(error), retryable=error.retryable) from error
        return Held(found.token, found.stamp.at)
