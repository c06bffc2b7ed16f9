"""What lies in a zone. The apps that own such things stand above this one and introduce them."""

from collections.abc import Callable
from uuid import UUID

Reader = Callable[[], list[tuple[UUID, str]]]
_readers: dict[str, Reader] = {}


def introduce(kind: str, reader: Reader) -> None:
    """Name a kind of thing ("Orgs") and the function that lists (zone id, name) of each."""
    _readers[kind] = reader


def by_zone() -> dict[UUID, dict[str, list[str]]]:
    """Names of what lies in each zone, by kind."""
    found: dict[UUID, dict[str, list[str]]] = {}
    for kind, reader in _readers.items():
        for zone_id, name in reader():
            found.setdefault(zone_id, {}).setdefault(kind, []).append(name)
    return found
