"""Seals a PDF: PAdES B-LT in one revision (ETSI EN 319 142-1), so that every reader sees the
whole document signed. The certificates and revocation lists go inside, before the signature.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Protocol

from asn1crypto import algos, crl, keys, pem, x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, load_der_private_key
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, SigDSSPlacementPreference
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from .errors import SealFailed
from .pki import LocalAuthority
from .tsa import LocalTimestamper, ServiceTimestamper

FIELD_NAME = "Seal"
_MOST_SIGNATURE_BYTES = 72  # ECDSA over P-256 in DER


class Sealer(Protocol):
    """Turns an unsigned PDF into a sealed one."""

    @property
    def root_fingerprint(self) -> str:
        """SHA-256 (hex) of the root the seal leads to; it is printed in the pack."""

    def seal(self, pdf: bytes) -> bytes:
        """Return the sealed PDF or raise ``SealFailed``."""


class RemoteSigner(signers.Signer):
    """Seals with a key that this process does not hold: ``sign`` gets the bytes to be signed.

    ``sign`` returns an ECDSA signature with SHA-256 in DER (RFC 3279, 2.2.3), from a PKCS #11
    token or wherever the key lives.
    """

    def __init__(
        self,
        certificate: x509.Certificate,
        chain: Iterable[x509.Certificate],
        sign: Callable[[bytes], bytes],
    ) -> None:
        registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        registry.register_multiple(list(chain))
        super().__init__(
            signing_cert=certificate,
            cert_registry=registry,
            signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
        )
        self._sign = sign

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        """Return the signature; of a dry run only its greatest length counts."""
        return bytes(_MOST_SIGNATURE_BYTES) if dry_run else self._sign(data)


@dataclass(frozen=True, kw_only=True)
class StampService:
    """A timestamp service that is not ours: its address, its certificates and revocation lists.

    What the lists do not tell is fetched from where the certificates say, once, for the pack.
    """

    url: str
    certificates: tuple[x509.Certificate, ...]
    crls: tuple[crl.CertificateList, ...] = ()

    @classmethod
    def read(cls, url: str, bundle: bytes) -> "StampService":
        """From PEM: roots, certificates in between and revocation lists. Raises ``SealFailed``."""
        try:
            parts = list(pem.unarmor(bundle, multiple=True)) if bundle.strip() else []
        except ValueError as error:
            raise SealFailed("the timestamp service's certificates are not readable PEM") from error
        return cls(
            url=url,
            certificates=tuple(
                x509.Certificate.load(der) for kind, _, der in parts if kind == "CERTIFICATE"
            ),
            crls=tuple(
                crl.CertificateList.load(der) for kind, _, der in parts if kind == "X509 CRL"
            ),
        )


@dataclass(frozen=True, kw_only=True)
class PadesSealer:
    """Seals with any pyHanko signer (a local key, PKCS#11) and any RFC 3161 timestamper."""

    signer: signers.Signer
    timestamper: TimeStamper
    roots: tuple[x509.Certificate, ...]
    others: tuple[x509.Certificate, ...]
    crls: tuple[crl.CertificateList, ...]
    root_fingerprint: str
    now: datetime
    fetches: bool = False

    @classmethod
    def local(
        cls,
        authority: LocalAuthority,
        *,
        now: datetime,
        signer: signers.Signer | None = None,
        stamps: StampService | None = None,
    ) -> "PadesSealer":
        """Return a sealer whose certificates lead to the local authority.

        ``signer`` seals with a key the authority certified but does not hold; ``stamps`` is the
        timestamp service in place of the local one, which says ``now``.
        """
        root, issuing, tsa = (_certificate(authority, name) for name in ("root", "issuing", "tsa"))
        foreign = stamps.certificates if stamps else ()
        return cls(
            signer=signer or _own_signer(authority, (issuing, root)),
            timestamper=ServiceTimestamper(stamps.url)
            if stamps
            else LocalTimestamper(
                tsa, _rsa_key(authority), chain=(issuing, root), clock=lambda: now
            ),
            roots=(root, *(each for each in foreign if each.self_issued)),
            others=(issuing, tsa, *(each for each in foreign if not each.self_issued)),
            crls=(
                *(_crl(authority, name) for name in ("root", "issuing")),
                *(stamps.crls if stamps else ()),
            ),
            root_fingerprint=authority.root_fingerprint,
            now=now,
            fetches=stamps is not None,
        )

    def seal(self, pdf: bytes) -> bytes:
        """Return ``pdf`` with one more revision: the seal, its timestamp and its proofs."""
        out = BytesIO()
        try:
            signers.PdfSigner(self._metadata(), self.signer, timestamper=self.timestamper).sign_pdf(
                IncrementalPdfFileWriter(BytesIO(pdf)), output=out
            )
        except Exception as error:  # pyHanko has no common base for its errors
            raise SealFailed(f"the seal could not be made: {error}") from error
        return out.getvalue()

    def _metadata(self) -> signers.PdfSignatureMetadata:
        return signers.PdfSignatureMetadata(
            field_name=FIELD_NAME,
            md_algorithm="sha256",
            subfilter=fields.SigSeedSubFilter.PADES,
            reason="Evidence pack seal",
            embed_validation_info=True,
            dss_settings=DSSContentSettings(
                include_vri=False, placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE
            ),
            validation_context=ValidationContext(
                trust_roots=list(self.roots),
                other_certs=list(self.others),
                crls=list(self.crls),
                allow_fetching=self.fetches,
                revocation_mode="require",
                moment=self.now,
            ),
        )


def _own_signer(
    authority: LocalAuthority, chain: tuple[x509.Certificate, ...]
) -> signers.SimpleSigner:
    registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    registry.register_multiple(list(chain))
    return signers.SimpleSigner(
        signing_cert=_certificate(authority, "seal"),
        signing_key=keys.PrivateKeyInfo.load(authority.pkcs8("seal")),
        cert_registry=registry,
    )


def _certificate(authority: LocalAuthority, name: str) -> x509.Certificate:
    return x509.Certificate.load(authority.certificate(name).public_bytes(Encoding.DER))


def _crl(authority: LocalAuthority, name: str) -> crl.CertificateList:
    return crl.CertificateList.load(authority.crl(name).public_bytes(Encoding.DER))


def _rsa_key(authority: LocalAuthority) -> RSAPrivateKey:
    # Sealed by ourselves, so nobody exchanged it; testing its primes anew takes 50 ms each time.
    key = load_der_private_key(authority.pkcs8("tsa"), None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, RSAPrivateKey):
        raise SealFailed("tsa.key does not hold an RSA key")
    return key
