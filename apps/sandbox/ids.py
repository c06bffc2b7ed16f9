"""Salesforce record ids: 15 case-sensitive characters, or 18 with a case checksum."""

import re

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_FORM = re.compile(r"[A-Za-z0-9]{15}(?:[A-Z0-5a-z]{3})?")
_NUMBER_WIDTH = 7


def base62(number: int) -> str:
    """The number in the alphabet that ids use, without padding."""
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = _DIGITS[rest] + digits
    return digits or "0"


def to_18(short: str) -> str:
    """Append the three characters that encode which of the 15 are upper case."""
    suffix = ""
    for start in (0, 5, 10):
        chunk = short[start : start + 5]
        bits = sum(1 << place for place, char in enumerate(chunk) if "A" <= char <= "Z")
        suffix += _CHECK[bits]
    return short + suffix


def make_id(prefix: str, *, pod: str, number: int) -> str:
    """The 18-character id of the `number`-th record with this key prefix in this pod."""
    return to_18(f"{prefix}{pod}{base62(number):0>{_NUMBER_WIDTH}}")


def looks_like_id(value: str) -> bool:
    return _FORM.fullmatch(value) is not None


def normal_id(value: str) -> str:
    """The 18-character form of an id given in either length; other text is left as it is."""
    return to_18(value[:15]) if looks_like_id(value) else value
