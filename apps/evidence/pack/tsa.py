"""The local timestamper, as pyHanko wants one. Production names a real service
(``pyhanko.sign.timestamps.HTTPTimeStamper``); the sealer takes either.
"""

from collections.abc import Callable
from datetime import datetime

from asn1crypto import tsp, x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from pyhanko.sign.timestamps import TimeStamper

from apps.ledger.timestamps.local import LocalService


class LocalTimestamper(TimeStamper):
    """Answers every request with the time its ``clock`` tells; it proves order, not time."""

    def __init__(
        self,
        certificate: x509.Certificate,
        key: RSAPrivateKey,
        *,
        chain: tuple[x509.Certificate, ...],
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._service = LocalService(certificate, key, chain, clock)

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Return a granted response for ``req`` (RFC 3161, 2.4.2)."""
        return self._service.answer(req)
