"""The certificates of a local timestamp service, in a directory, made on first use.

The root signs one certificate and its key is forgotten, so nobody can have it sign another.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from apps.ledger.durable import write_durably
from apps.ledger.timestamps.certificates import issue, pem, subject
from apps.ledger.timestamps.local import LocalService

DAYS = 1825
_RSA_BITS = 3072  # BSI TR-02102-1: at least 3000 bits beyond 2023
_ORGANISATION = "Bailiwick local timestamps"


class AuthorityWornOut(Exception):
    """The certificate has run out. Move the directory away and start again: a new root follows."""


@dataclass(frozen=True)
class TimestampAuthority:
    """`root.pem` is for those who check; `service.pem` and `service.key` are the service's."""

    directory: Path

    @classmethod
    def open(cls, directory: Path, *, now: datetime) -> "TimestampAuthority":
        """The authority in `directory`, made if there is none. Raises `AuthorityWornOut`."""
        authority = cls(directory)
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not authority._ready.exists():
            authority._found(now)
        if authority._certificate("service").not_valid_after_utc <= now:
            raise AuthorityWornOut(f"the certificate in {directory} has run out")
        return authority

    @property
    def root(self) -> Path:
        """The root certificate that tokens lead to."""
        return self.directory / "root.pem"

    def service(self, clock: Callable[[], datetime]) -> LocalService:
        """A timestamper that tells the time of `clock`, in UTC."""
        key = load_pem_private_key((self.directory / "service.key").read_bytes(), password=None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError(f"{self.directory / 'service.key'} holds no RSA key")
        service, root = (
            asn1_x509.Certificate.load(self._certificate(name).public_bytes(Encoding.DER))
            for name in ("service", "root")
        )
        return LocalService(service, key, (root,), clock)

    @property
    def _ready(self) -> Path:
        return self.directory / "service.pem"

    def _certificate(self, name: str) -> x509.Certificate:
        return x509.load_pem_x509_certificate((self.directory / f"{name}.pem").read_bytes())

    def _found(self, now: datetime) -> None:
        """The service's certificate is written last: once it is there, everything is."""
        ca_key = ec.generate_private_key(ec.SECP256R1())
        key = rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
        ca_name = subject(_ORGANISATION, "Timestamp root")
        made = partial(issue, issuer=ca_name, issuer_key=ca_key, now=now, days=DAYS)
        root = made(ca_name, ca_key, path_length=0)
        name = subject(_ORGANISATION, f"Timestamp service {now.year}")
        certificate = made(name, key, timestamping=True)
        clear = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_durably(self.directory / "service.key", clear)
        write_durably(self.root, pem(root), mode=0o644)
        write_durably(self._ready, pem(certificate), mode=0o644)
