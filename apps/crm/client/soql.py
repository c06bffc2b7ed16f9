"""Putting values and names into queries and paths without letting them out of their place."""

import re

_NAME = re.compile(r"[A-Za-z]\w{0,79}(?:\.[A-Za-z]\w{0,79}){0,5}")
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_ESCAPES = str.maketrans(
    {"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f"}
)


def quoted(value: str) -> str:
    """A SOQL string literal. Raises `ValueError` for NUL, which no org can hold."""
    if "\x00" in value:
        raise ValueError("a NUL character cannot be part of a query")
    return f"'{value.translate(_ESCAPES)}'"


def is_name(name: str) -> bool:
    """Whether it is an API name."""
    return _NAME.fullmatch(name) is not None


def checked_name(name: str) -> str:
    """An object's or field's API name (dots for relations). Raises `ValueError`."""
    if not is_name(name):
        raise ValueError(f"{name[:90]!r} is no API name")
    return name


def checked_id(record_id: str) -> str:
    """A record id of 15 or 18 characters. Raises `ValueError`."""
    if not is_id(record_id):
        raise ValueError("that is no Salesforce record id")
    return record_id


def is_id(text: str) -> bool:
    """Whether it has the form of a record id."""
    return _ID.fullmatch(text) is not None
