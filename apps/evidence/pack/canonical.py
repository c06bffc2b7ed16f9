"""Canonical JSON (RFC 8785), with a fast road for bytes that are already canonical."""

import json
from typing import Any

import rfc8785

_PLAIN_INTEGER_CHARS = 15
_LARGEST_SAFE_INTEGER = 2**53 - 1
_FIRST_ASTRAL_BYTE = 0xF0


class NotCanonical(ValueError):
    """The bytes are not one canonical JSON object; the message says why."""


def dumps(value: Any) -> bytes:
    """Return the RFC 8785 form of ``value``."""
    return rfc8785.dumps(value)


def load_object(raw: bytes) -> dict[str, Any]:
    """Return the object whose canonical form is exactly ``raw``; raise ``NotCanonical`` if none is.

    The comparison also refuses duplicate keys and stray white space: two readers of the same
    bytes must not come to different objects.
    """
    reader = _Reader()
    try:
        value = reader.read(raw)
    except (ValueError, RecursionError) as error:
        raise NotCanonical(f"not readable as JSON ({error.__class__.__name__})") from error
    if not isinstance(value, dict):
        raise NotCanonical("not a JSON object")
    plain = not reader.unusual_numbers and max(raw) < _FIRST_ASTRAL_BYTE
    if (_quick if plain else _slow)(value) != raw:
        raise NotCanonical("not in canonical form (RFC 8785)")
    return value


class _Reader:
    """Reads JSON and notices numbers that Python and RFC 8785 may write differently."""

    def __init__(self) -> None:
        self.unusual_numbers = False

    def read(self, raw: bytes) -> Any:
        return json.loads(
            raw.decode("utf-8"),
            parse_float=self._float,
            parse_int=self._int,
            parse_constant=_refuse_constant,
        )

    def _float(self, text: str) -> float:
        self.unusual_numbers = True
        return float(text)

    def _int(self, text: str) -> int | float:
        """RFC 8785 knows doubles only: beyond 2**53 the digits are those of a double."""
        if len(text) <= _PLAIN_INTEGER_CHARS:
            return int(text)
        self.unusual_numbers = True
        value = float(text)
        return value if abs(value) > _LARGEST_SAFE_INTEGER else int(text)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _quick(value: dict[str, Any]) -> bytes:
    """Same bytes as RFC 8785 for integers and for keys below U+10000, and much faster."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotCanonical("holds half of a surrogate pair") from error


def _slow(value: dict[str, Any]) -> bytes:
    try:
        return rfc8785.dumps(value)
    except (ValueError, RecursionError) as error:
        raise NotCanonical(f"has no canonical form ({error})") from error
