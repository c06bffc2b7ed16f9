"""A timestamper of our own for the demo, laptops and tests; it proves order, not time."""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import algos, cms, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_POLICY = "2.999.1"  # the arc ITU-T X.660 sets aside for examples: no promise is made under it


@dataclass(frozen=True)
class LocalService:
    """Answers every request with the time its `clock` tells, signed with RSA and SHA-256."""

    certificate: x509.Certificate
    key: RSAPrivateKey
    chain: Sequence[x509.Certificate]
    clock: Callable[[], datetime]

    def answer(self, request: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """A granted response (RFC 3161, 2.4.2)."""
        token = cms.ContentInfo(
            {"content_type": "signed_data", "content": self._signed(self._info(request))}
        )
        status = tsp.PKIStatusInfo({"status": "granted"})
        return tsp.TimeStampResp({"status": status, "time_stamp_token": token})

    def _info(self, request: tsp.TimeStampReq) -> tsp.TSTInfo:
        fields = {
            "version": "v1",
            "policy": _POLICY,
            "message_imprint": request["message_imprint"],
            "serial_number": secrets.randbits(63),
            "gen_time": self.clock().replace(microsecond=0),
        }
        if request["nonce"].native is not None:
            fields["nonce"] = request["nonce"]
        return tsp.TSTInfo(fields)

    def _signed(self, info: tsp.TSTInfo) -> cms.SignedData:
        content = info.dump()
        digest = algos.DigestAlgorithm({"algorithm": "sha256"})
        return cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [digest],
                "encap_content_info": {
                    "content_type": "tst_info",
                    "content": cms.ParsableOctetString(content),
                },
                "certificates": [self.certificate, *self.chain],
                "signer_infos": [self._signer_info(content, digest)],
            }
        )

    def _signer_info(self, content: bytes, digest: algos.DigestAlgorithm) -> cms.SignerInfo:
        method = algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa"})
        attributes = self._attributes(content, digest, method)
        return cms.SignerInfo(
            {
                "version": "v1",
                "sid": {
                    "issuer_and_serial_number": {
                        "issuer": self.certificate.issuer,
                        "serial_number": self.certificate.serial_number,
                    }
                },
                "digest_algorithm": digest,
                "signed_attrs": attributes,
                "signature_algorithm": method,
                "signature": self.key.sign(attributes.dump(), PKCS1v15(), hashes.SHA256()),
            }
        )

    def _attributes(
        self, content: bytes, digest: algos.DigestAlgorithm, method: algos.SignedDigestAlgorithm
    ) -> cms.CMSAttributes:
        """The last one binds the algorithms to the signature (RFC 6211)."""
        protection = {"digest_algorithm": digest, "signature_algorithm": method}
        return cms.CMSAttributes(
            [
                _attribute("content_type", "tst_info"),
                _attribute("message_digest", hashlib.sha256(content).digest()),
                _attribute("signing_certificate_v2", self._named()),
                _attribute("cms_algorithm_protection", cms.CMSAlgorithmProtection(protection)),
            ]
        )

    def _named(self) -> tsp.SigningCertificateV2:
        """The certificate, by the hash that is the default there (RFC 5035, 4)."""
        certificate = {
            "cert_hash": hashlib.sha256(self.certificate.dump()).digest(),
            "issuer_serial": {
                "issuer": [x509.GeneralName({"directory_name": self.certificate.issuer})],
                "serial_number": self.certificate.serial_number,
            },
        }
        return tsp.SigningCertificateV2({"certs": [tsp.ESSCertIDv2(certificate)]})


def _attribute(kind: str, value: object) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": kind, "values": (value,)})
