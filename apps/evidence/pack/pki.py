"""A certificate authority in a directory, for the demo and for laptops.

It has no legal effect under eIDAS: a production seal and timestamp come from a trust service.
Made once: root, issuing authority, seal and timestamp certificates. Private keys leave this
module only through the caller's ``wrap``; on disk there is nothing but what ``wrap`` returned.
"""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from apps.ledger.timestamps.certificates import (
    CaKey,
    LeafKey,
    fingerprint,
    issue,
    pem,
    revocation_list,
    subject,
)

from .errors import SealFailed

ROOT_DAYS, ISSUING_DAYS, SEAL_DAYS, TSA_DAYS, CRL_DAYS = 7300, 3650, 1095, 1825, 30
RENEW_CRL_BEFORE = timedelta(days=7)
RENEW_LEAF_BEFORE = timedelta(days=60)
_RSA_BITS = 3072  # BSI TR-02102-1: at least 3000 bits beyond 2023

_ORGANISATION = "Bailiwick local authority"
Cipher = Callable[[bytes], bytes]


@dataclass(frozen=True)
class LocalAuthority:
    """An opened authority. ``key_of`` unwraps a private key for one use; nothing caches it."""

    directory: Path
    unwrap: Cipher

    @classmethod
    def open(
        cls,
        directory: Path,
        *,
        wrap: Cipher,
        unwrap: Cipher,
        now: datetime,
        organisation: str = _ORGANISATION,
    ) -> "LocalAuthority":
        """Return the authority in ``directory``, made on first use, its CRLs and leaves renewed.

        ``wrap`` and ``unwrap`` turn PKCS#8 bytes into what may rest on disk and back. Safe when
        several processes start together. Raises ``SealFailed`` once the issuing certificate has
        run out: that calls for a new authority and a new fingerprint, never a silent one.
        """
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(directory):
            authority = cls(directory, unwrap)
            _Founder(authority, wrap, now, organisation).complete()
        return authority

    def certificate(self, name: str) -> x509.Certificate:
        """Return one of root, issuing, seal, tsa."""
        return x509.load_pem_x509_certificate((self.directory / f"{name}.pem").read_bytes())

    def crl(self, name: str) -> x509.CertificateRevocationList:
        """Return the revocation list of root or issuing."""
        return x509.load_der_x509_crl((self.directory / f"{name}.crl").read_bytes())

    def pkcs8(self, name: str) -> bytes:
        """Return a private key as PKCS#8 DER, in the clear: use it and let it go."""
        return self.unwrap((self.directory / f"{name}.key").read_bytes())

    def certify(
        self, public: ec.EllipticCurvePublicKey, *, now: datetime
    ) -> tuple[bytes, tuple[bytes, ...]]:
        """The certificate of a sealing key that lives elsewhere, and the chain above it, in PEM.

        Made once for each key, and anew before it runs out. Raises ``SealFailed``.
        """
        spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        name = f"seal-{sha256(spki).hexdigest()[:16]}"
        with _locked(self.directory):
            _Founder(self, _no_wrapping, now, _ORGANISATION).certify(name, public)
        chain = tuple(pem(self.certificate(each)) for each in ("issuing", "root"))
        return pem(self.certificate(name)), chain

    @property
    def root_pem(self) -> bytes:
        """What to hand to those who check packs."""
        return pem(self.certificate("root"))

    @property
    def root_fingerprint(self) -> str:
        """SHA-256 of the root certificate, to be compared by another way than the pack."""
        return fingerprint(self.certificate("root"))


@dataclass(frozen=True)
class _Founder:
    """Makes what is missing and renews what runs out, in an order that survives a crash."""

    authority: LocalAuthority
    wrap: Cipher
    now: datetime
    organisation: str

    def complete(self) -> None:
        self._found("root", signed_by="root", days=ROOT_DAYS, path_length=1)
        self._found("issuing", signed_by="root", days=ISSUING_DAYS, path_length=0)
        for name, days in (("seal", SEAL_DAYS), ("tsa", TSA_DAYS)):
            if not self._is_good(f"{name}.pem") or self._runs_out(name):
                self._leaf(name, days)
        for name in ("root", "issuing"):
            self._renew_crl(name)

    def _found(self, name: str, *, signed_by: str, days: int, path_length: int) -> None:
        if self._is_good(f"{name}.pem"):
            if self.authority.certificate(name).not_valid_after_utc <= self.now:
                raise SealFailed(f"the {name} certificate in {name}.pem has run out")
            return
        key = ec.generate_private_key(ec.SECP256R1())
        title = subject(self.organisation, f"Evidence {name.capitalize()} CA")
        own = signed_by == name
        certificate = issue(
            title,
            key,
            issuer=title if own else self.authority.certificate(signed_by).subject,
            issuer_key=key if own else self._ca_key(signed_by),
            now=self.now,
            days=days,
            path_length=path_length,
        )
        self._keep(name, key, certificate)

    def _leaf(self, name: str, days: int) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
        title = {"seal": "Evidence Seal", "tsa": "Evidence Timestamp"}[name]
        certificate = issue(
            subject(self.organisation, f"{title} {self.now.year}"),
            key,
            issuer=self.authority.certificate("issuing").subject,
            issuer_key=self._ca_key("issuing"),
            now=self.now,
            days=days,
            timestamping=name == "tsa",
        )
        self._keep(name, key, certificate)

    def certify(self, name: str, public: ec.EllipticCurvePublicKey) -> None:
        """A certificate for a key of somebody else's; nothing private is kept here."""
        if self._is_good(f"{name}.pem") and not self._runs_out(name):
            return
        certificate = issue(
            subject(self.organisation, f"Evidence Seal {self.now.year}"),
            public,
            issuer=self.authority.certificate("issuing").subject,
            issuer_key=self._ca_key("issuing"),
            now=self.now,
            days=SEAL_DAYS,
        )
        self._write(f"{name}.pem", pem(certificate))

    def _renew_crl(self, name: str) -> None:
        if self._is_good(f"{name}.crl"):
            until = self.authority.crl(name).next_update_utc
            if until is not None and until - self.now > RENEW_CRL_BEFORE:
                return
        issuer = self.authority.certificate(name)
        crl = revocation_list(issuer, self._ca_key(name), now=self.now, days=CRL_DAYS)
        self._write(f"{name}.crl", crl.public_bytes(Encoding.DER))

    def _runs_out(self, name: str) -> bool:
        end = self.authority.certificate(name).not_valid_after_utc
        return end - self.now < RENEW_LEAF_BEFORE

    def _ca_key(self, name: str) -> CaKey:
        key = load_der_private_key(self.authority.pkcs8(name), password=None)
        if not isinstance(key, CaKey):
            raise SealFailed(f"{name}.key does not hold the key of an authority")
        return key

    def _keep(self, name: str, key: CaKey | LeafKey, certificate: x509.Certificate) -> None:
        """Key first: a certificate on disk means that its key is there too."""
        clear = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        self._write(f"{name}.key", self.wrap(clear))
        self._write(f"{name}.pem", pem(certificate))

    def _is_good(self, file: str) -> bool:
        return (self.authority.directory / file).exists()

    def _write(self, file: str, data: bytes) -> None:
        """Write beside and rename, so that a reader never meets half a file."""
        handle, path = tempfile.mkstemp(dir=self.authority.directory)
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        Path(path).replace(self.authority.directory / file)


def _no_wrapping(_: bytes) -> bytes:
    raise SealFailed("a key that lives elsewhere is not wrapped here")


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    with (directory / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
