"""Seals a PDF: PAdES B-LT in one revision (ETSI EN 319 142-1), so that every reader sees the
whole document signed. The certificates and revocation lists go inside, before the signature.
"""

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Protocol

from asn1crypto import crl, keys, x509
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
from .tsa import LocalTimestamper

FIELD_NAME = "Seal"


class Sealer(Protocol):
    """Turns an unsigned PDF into a sealed one."""

    @property
    def root_fingerprint(self) -> str:
        """SHA-256 (hex) of the root the seal leads to; it is printed in the pack."""

    def seal(self, pdf: bytes) -> bytes:
        """Return the sealed PDF or raise ``SealFailed``."""


@dataclass(frozen=True, kw_only=True)
class PadesSealer:
    """Seals with any pyHanko signer (a local key, PKCS#11) and any RFC 3161 timestamper."""

    signer: signers.Signer
    timestamper: TimeStamper
    root: x509.Certificate
    others: tuple[x509.Certificate, ...]
    crls: tuple[crl.CertificateList, ...]
    root_fingerprint: str
    now: datetime

    @classmethod
    def local(cls, authority: LocalAuthority, *, now: datetime) -> "PadesSealer":
        """Return a sealer over the local authority, whose timestamp says ``now``."""
        root, issuing, seal, tsa = (
            _certificate(authority, name) for name in ("root", "issuing", "seal", "tsa")
        )
        chain = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        chain.register_multiple([issuing, root])
        return cls(
            signer=signers.SimpleSigner(
                signing_cert=seal,
                signing_key=keys.PrivateKeyInfo.load(authority.pkcs8("seal")),
                cert_registry=chain,
            ),
            timestamper=LocalTimestamper(
                tsa, _rsa_key(authority), chain=(issuing, root), clock=lambda: now
            ),
            root=root,
            others=(issuing, tsa),
            crls=tuple(_crl(authority, name) for name in ("root", "issuing")),
            root_fingerprint=authority.root_fingerprint,
            now=now,
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
                trust_roots=[self.root],
                other_certs=list(self.others),
                crls=list(self.crls),
                allow_fetching=False,
                revocation_mode="require",
                moment=self.now,
            ),
        )


def _certificate(authority: LocalAuthority, name: str) -> x509.Certificate:
    return x509.Certificate.load(authority.certificate(name).public_bytes(Encoding.DER))


def _crl(authority: LocalAuthority, name: str) -> crl.CertificateList:
    return crl.CertificateList.load(authority.crl(name).public_bytes(Encoding.DER))


def _rsa_key(authority: LocalAuthority) -> RSAPrivateKey:
    key = load_der_private_key(authority.pkcs8("tsa"), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise SealFailed("tsa.key does not hold an RSA key")
    return key
