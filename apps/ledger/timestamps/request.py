"""A timestamp request (RFC 3161, 2.4.1)."""

import secrets

from asn1crypto import algos, tsp

QUERY = "application/timestamp-query"
REPLY = "application/timestamp-reply"
NONCE_BITS = 64


def request_for(digest: bytes, *, nonce: int | None = None) -> tsp.TimeStampReq:
    """Ask for a stamp over a SHA-256 digest, with a fresh nonce and the service's certificate."""
    if len(digest) != 32:
        raise ValueError("a timestamp is asked for with a SHA-256 digest of 32 bytes")
    return tsp.TimeStampReq(
        {
            "version": "v1",
            "message_imprint": {
                "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
                "hashed_message": digest,
            },
            "nonce": secrets.randbits(NONCE_BITS) if nonce is None else nonce,
            "cert_req": True,
        }
    )
