"""Canonical JSON (RFC 8785), with a fast road for bytes that are already canonical."""

import json
from collections.abc import Callable
from typing import Any

import rfc8785

_PLAIN_INTEGER_CHARS = 15
_LARGEST_SAFE_INTEGER = 2**53 - 1
_FIRST_ASTRAL = "\U00010000"


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
    try:
        value, write = _read(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise NotCanonical(f"not readable as JSON ({error.__class__.__name__})") from error
    if not isinstance(value, dict):
        raise NotCanonical("not a JSON object")
    if write(value) != raw:
        raise NotCanonical("not in canonical form (RFC 8785)")
    return value


class _UnusualNumber(Exception):
    """A number that Python and RFC 8785 may write differently."""


def _read(text: str) -> tuple[Any, Callable[[Any], bytes]]:
    """Return the value and the cheapest writer that is exact for it."""
    if text and max(text) < _FIRST_ASTRAL:
        try:
            return _PLAIN.decode(text), _quick
        except _UnusualNumber:
            pass
    return _ANY.decode(text), _slow


def _plain_int(text: str) -> int:
    if len(text) > _PLAIN_INTEGER_CHARS:
        raise _UnusualNumber
    return int(text)


def _no_float(text: str) -> float:
    raise _UnusualNumber


def _any_int(text: str) -> int | float:
    """RFC 8785 knows doubles only: beyond 2**53 the digits are those of a double."""
    if len(text) <= _PLAIN_INTEGER_CHARS:
        return int(text)
    value = float(text)
    return value if abs(value) > _LARGEST_SAFE_INTEGER else int(text)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_PLAIN = json.JSONDecoder(
    parse_int=_plain_int, parse_float=_no_float, parse_constant=_refuse_constant
)
_ANY = json.JSONDecoder(parse_int=_any_int, parse_constant=_refuse_constant)
_WRITER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _quick(value: Any) -> bytes:
    """Same bytes as RFC 8785 for integers and for keys below U+10000, and much faster."""
    try:
        return _WRITER.encode(value).encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotCanonical("holds half of a surrogate pair") from error


def _slow(value: Any) -> bytes:
    try:
        return rfc8785.dumps(value)
    except (ValueError, RecursionError) as error:
        raise NotCanonical(f"has no canonical form ({error})") from error
