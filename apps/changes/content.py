"""What an approval confirms, as one hash."""

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785


def digest(value: Any) -> str:
    """SHA-256 over the canonical form (RFC 8785) of a JSON value."""
    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()


def content_hash(
    *, kind: str, target: str, base: Mapping[str, Any], wanted: Mapping[str, Any], reason: str
) -> str:
    """The hash over what would change, from what, to what, and why."""
    return digest(
        {"kind": kind, "target": target, "base": base, "wanted": wanted, "reason": reason}
    )
