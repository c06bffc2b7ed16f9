"""A local RFC 3161 timestamper for the demo, laptops and tests; it proves order, not time.

Production names a real service (``pyhanko.sign.timestamps.HTTPTimeStamper``); the sealer takes
either.
"""

import secrets
from collections.abc import Callable
from datetime import datetime

from asn1crypto import algos, cms, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from pyhanko.sign.general import as_signing_certificate_v2
from pyhanko.sign.timestamps import TimeStamper

_POLICY = "2.999.1"  # the arc ITU-T X.660 sets aside for examples: no promise is made under it


class LocalTimestamper(TimeStamper):
    """Answers every request with the time its ``clock`` tells, signed with RSA and SHA-256."""

    def __init__(
        self,
        certificate: x509.Certificate,
        key: RSAPrivateKey,
        *,
        chain: tuple[x509.Certificate, ...],
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._certificate, self._key = certificate, key
        self._chain, self._clock = chain, clock

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Return a granted response for ``req`` (RFC 3161, 2.4.2)."""
        token = cms.ContentInfo(
            {"content_type": "signed_data", "content": self._signed(self._info(req))}
        )
        status = tsp.PKIStatusInfo({"status": "granted"})
        return tsp.TimeStampResp({"status": status, "time_stamp_token": token})

    def _info(self, req: tsp.TimeStampReq) -> tsp.TSTInfo:
        fields = {
            "version": "v1",
            "policy": _POLICY,
            "message_imprint": req["message_imprint"],
            "serial_number": secrets.randbits(63),
            "gen_time": self._clock().replace(microsecond=0),
        }
        if req["nonce"].native is not None:
            fields["nonce"] = req["nonce"]
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
                "certificates": [self._certificate, *self._chain],
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
                        "issuer": self._certificate.issuer,
                        "serial_number": self._certificate.serial_number,
                    }
                },
                "digest_algorithm": digest,
                "signed_attrs": attributes,
                "signature_algorithm": method,
                "signature": self._key.sign(attributes.dump(), PKCS1v15(), hashes.SHA256()),
            }
        )

    def _attributes(
        self, content: bytes, digest: algos.DigestAlgorithm, method: algos.SignedDigestAlgorithm
    ) -> cms.CMSAttributes:
        """The last one binds the algorithms to the signature (RFC 6211)."""
        total = hashes.Hash(hashes.SHA256())
        total.update(content)
        protection = {"digest_algorithm": digest, "signature_algorithm": method}
        return cms.CMSAttributes(
            [
                _attribute("content_type", "tst_info"),
                _attribute("message_digest", total.finalize()),
                _attribute("signing_certificate_v2", as_signing_certificate_v2(self._certificate)),
                _attribute("cms_algorithm_protection", cms.CMSAlgorithmProtection(protection)),
            ]
        )


def _attribute(kind: str, value: object) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": kind, "values": (value,)})
