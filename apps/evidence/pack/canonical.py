"""Canonical JSON (RFC 8785), with a fast road for bytes that are already canonical."""

import json
import re
from contextlib import suppress
from functools import lru_cache
from typing import Any

import rfc8785

_PLAIN_INTEGER_CHARS = 15
_LARGEST_SAFE_INTEGER = 2**53 - 1
_FIRST_ASTRAL = "\U00010000"
# Where a number of so many digits may stand; inside a string it only costs the slow road.
_LONG_NUMBER = re.compile(rb"[:,\[]-?[0-9]{%d}" % (_PLAIN_INTEGER_CHARS + 1))


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
    return load_written(raw)[0]


def load_written(raw: bytes) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what ``load_object`` does, and how its members are written.

    An object that took the slow road brings none, for what it takes is not known in pieces.
    """
    try:
        value, is_plain = _read(raw)
    except (ValueError, RecursionError) as error:
        raise NotCanonical(f"not readable as JSON ({error.__class__.__name__})") from error
    if not isinstance(value, dict):
        raise NotCanonical("not a JSON object")
    # Below U+10000 the order of code points is that of UTF-16, which RFC 8785 asks for.
    members = {name: _write(value[name]) for name in sorted(value)} if is_plain else {}
    if (_joined(members) if is_plain else _slow(value)) != raw:
        raise NotCanonical("not in canonical form (RFC 8785)")
    return value, members


class _UnusualNumber(Exception):
    """A number that Python and RFC 8785 may write differently."""


def _read(raw: bytes) -> tuple[Any, bool]:
    """Return the value, and whether Python writes it as RFC 8785 does, which is much faster."""
    text = raw.decode("utf-8")
    if (text.isascii() or max(text) < _FIRST_ASTRAL) and not _LONG_NUMBER.search(raw):
        with suppress(_UnusualNumber):
            # What may follow the value is not written again, so the comparison refuses it.
            return _PLAIN.raw_decode(text)[0], True
    return _ANY.decode(text), False


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


_PLAIN = json.JSONDecoder(parse_float=_no_float, parse_constant=_refuse_constant)
_ANY = json.JSONDecoder(parse_int=_any_int, parse_constant=_refuse_constant)
_write = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
_write_name = lru_cache(maxsize=256)(_write)


def _joined(members: dict[str, str]) -> bytes:
    pairs = [f"{_write_name(name)}:{written}" for name, written in members.items()]
    try:
        return f"{{{','.join(pairs)}}}".encode()
    except UnicodeEncodeError as error:
        raise NotCanonical("holds half of a surrogate pair") from error


def _slow(value: Any) -> bytes:
    try:
        return rfc8785.dumps(value)
    except (ValueError, RecursionError) as error:
        raise NotCanonical(f"has no canonical form ({error})") from error
