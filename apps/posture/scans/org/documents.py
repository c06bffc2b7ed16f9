"""What an org answers as JSON, written as the XML that the same metadata has in a file."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape

Pairs = Iterable[tuple[str, Any]]
DEEPEST = 150  # below the scan's own limit, and far beyond what metadata needs
_TAG = re.compile(r"[A-Za-z_][\w.-]*")
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class TooDeep(Exception):
    """The answer nests deeper than metadata ever does."""


def document(root: str, values: Mapping[str, Any] | Pairs) -> bytes:
    """An element on each line, so that a finding's line tells which one. Raises `TooDeep`."""
    pairs = values.items() if isinstance(values, Mapping) else values
    lines = [line for tag, value in pairs for line in _lines(tag, value, 0)]
    return "\n".join((f"<{root}>", *lines, f"</{root}>")).encode()


def _lines(tag: str, value: Any, depth: int) -> Iterator[str]:
    if value is None or not _TAG.fullmatch(tag):
        return
    if depth > DEEPEST:
        raise TooDeep
    if isinstance(value, list):
        for each in value:
            yield from _lines(tag, each, depth + 1)
    elif isinstance(value, Mapping):
        yield f"<{tag}>"
        for name, inner in value.items():
            yield from _lines(str(name), inner, depth + 1)
        yield f"</{tag}>"
    else:
        yield f"<{tag}>{escape(text_of(value))}</{tag}>"


def text_of(value: object) -> str:
    """A value as metadata files write it."""
    if isinstance(value, bool):
        return str(value).lower()
    return _NO_XML.sub(" ", "" if value is None else str(value))
