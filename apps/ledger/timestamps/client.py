"""Asking a timestamp service over HTTP (RFC 3161, 3.4)."""

from collections.abc import Sequence
from dataclasses import dataclass

import requests
from asn1crypto import tsp
from cryptography import x509
from django.conf import settings

from apps.common.trust import open_session
from apps.ledger.timestamps.errors import ServiceRefused, ServiceUnavailable, TokenBad
from apps.ledger.timestamps.request import QUERY, REPLY, request_for
from apps.ledger.timestamps.token import Stamp, check_token

TIMEOUT = (5.0, 15.0)  # seconds to connect, seconds between two bytes
MOST_BYTES = 200_000
BUSY = frozenset({408, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Stamped:
    """A checked token as DER, and what it says."""

    token: bytes
    stamp: Stamp


def fetch_stamp(url: str, digest: bytes, *, roots: Sequence[x509.Certificate]) -> Stamped:
    """A token over a SHA-256 digest from the service at `url`, checked before it is returned.

    Raises `ServiceUnavailable` (ask again later), `ServiceRefused` or `TokenBad`.
    """
    request = request_for(digest)
    answer = exchange(url, request)
    status = answer["status"]["status"].native
    if status not in {"granted", "granted_with_mods"}:
        raise ServiceRefused(f"the timestamp service said: {status}")
    token = answer["time_stamp_token"].dump()
    nonce: int = request["nonce"].native
    return Stamped(token, check_token(token, digest, roots=roots, nonce=nonce))


def exchange(url: str, request: tsp.TimeStampReq) -> tsp.TimeStampResp:
    """What the service at `url` answers, read but not checked: for those who check it themselves.

    Raises `ServiceUnavailable`, `ServiceRefused` or `TokenBad`.
    """
    return _read(_post(url, request.dump()))


def _read(body: bytes) -> tsp.TimeStampResp:
    try:
        answer = tsp.TimeStampResp.load(body, strict=True)
        _ = answer["status"]["status"].native
    except (ValueError, TypeError, KeyError) as error:
        raise TokenBad("the timestamp service's answer cannot be read") from error
    return answer


def _post(url: str, body: bytes) -> bytes:
    """One exchange: no proxies or netrc of the machine, no redirects, bounded in size."""
    with open_session(extra_ca=settings.EXTRA_CA_FILE) as session:
        try:
            with session.post(
                url,
                data=body,
                headers={"Content-Type": QUERY, "Accept": REPLY},
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
            ) as answer:
                return _body_of(answer)
        except requests.RequestException as error:
            raise ServiceUnavailable("the timestamp service could not be reached") from error


def _body_of(answer: requests.Response) -> bytes:
    if answer.status_code in BUSY:
        raise ServiceUnavailable(f"the timestamp service answered {answer.status_code}")
    if answer.status_code != 200:
        raise ServiceRefused(f"the timestamp service answered {answer.status_code}")
    found = bytearray()
    for part in answer.iter_content(16_384):
        found += part
        if len(found) > MOST_BYTES:
            raise TokenBad("the timestamp service's answer is too large")
    return bytes(found)
