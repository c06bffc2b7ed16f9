"""Personal values in entries are sealed; who may open them stands above, and introduces itself.

An entry's `data` may carry `{"sealed": …, "key": …, "fields": […]}` under any name. For readers
each becomes its fields: opened, erased, or not theirs to see.
"""

from collections.abc import Callable, Mapping
from typing import Any

ERASED = "erased"
HIDDEN = "sealed"
Opener = Callable[[Mapping[str, Any]], dict[str, str]]
_openers: list[Opener] = []


def open_with(opener: Opener) -> None:
    """Name the one function that opens sealed values for the person whose scope is open.

    It answers each field with its value, `ERASED` or `HIDDEN`, and never raises for those.
    """
    _openers[:] = [opener]


def is_sealed(value: Any) -> bool:
    """Whether a value in an entry's data is personal and sealed."""
    return isinstance(value, dict) and value.keys() == {"sealed", "key", "fields"}


def opened(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data as the reader may see it; entries themselves are never changed by reading."""
    shown: dict[str, Any] = {}
    for name, value in data.items():
        if is_sealed(value):
            shown |= _open(value)
        else:
            shown[name] = value
    return shown


def _open(value: Mapping[str, Any]) -> dict[str, str]:
    if not _openers:
        return {str(name): HIDDEN for name in value["fields"]}
    return _openers[0](value)
