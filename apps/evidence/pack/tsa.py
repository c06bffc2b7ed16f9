"""Timestampers as pyHanko wants them: the local one, and any RFC 3161 service by its address."""

from collections.abc import Callable
from datetime import datetime

from asn1crypto import tsp, x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from pyhanko.sign.timestamps import TimeStamper

from apps.ledger.timestamps.client import exchange
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


class ServiceTimestamper(TimeStamper):
    """Asks the service at ``url`` (RFC 3161, 3.4); errors of the exchange go through."""

    def __init__(self, url: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._url = url

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Return the service's response; pyHanko checks status, nonce and imprint."""
        return exchange(self._url, req)
