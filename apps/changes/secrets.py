"""Secrets on their way from a form into a thing: sealed, and named by digests in what is approved.

A digest is SHA-256 over a random salt and the secret, so that an approval covers exactly this
secret and nobody can guess it from the digest. The salt rests sealed beside the secret.
"""

import hashlib
import hmac
import json
import secrets as random
from collections.abc import Mapping

SALT = "salt"


def sealed_form(values: Mapping[str, str]) -> str | None:
    """What a sealed column keeps; nothing when there is no secret."""
    if not values:
        return None
    return json.dumps({SALT: random.token_hex(16), "values": dict(values)})


def opened(text: str | None) -> dict[str, str]:
    """The secrets in what a sealed column kept."""
    found: dict[str, str] = json.loads(text)["values"] if text else {}
    return found


def digests(text: str | None) -> dict[str, str]:
    """Each secret's name and digest."""
    if not text:
        return {}
    kept = json.loads(text)
    return {name: _digest(kept[SALT], value) for name, value in kept["values"].items()}


def are_those(text: str | None, named: Mapping[str, str]) -> bool:
    """Whether the kept secrets are the ones that were approved."""
    found = digests(text)
    return found.keys() == named.keys() and all(
        hmac.compare_digest(found[name], named[name]) for name in found
    )


def _digest(salt: str, value: str) -> str:
    return hashlib.sha256(f"{salt}:{value}".encode()).hexdigest()
