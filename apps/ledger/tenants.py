"""Whose logs there are. Tenants stand above this floor, so they introduce themselves."""

from collections.abc import Callable
from uuid import UUID

from apps.common.errors import Invalid

Lister = Callable[[], list[UUID]]
Finder = Callable[[str], UUID | None]
Slug = Callable[[], str]
_introduced: list[tuple[Lister, Finder, Slug]] = []


def introduce_tenants(lister: Lister, finder: Finder, slug: Slug) -> None:
    """Name the functions that list all tenants, find one by its slug, and tell the open one's."""
    _introduced[:] = [(lister, finder, slug)]


def all_tenants() -> list[UUID]:
    """Every tenant's id, for schedules."""
    return _introduced[0][0]() if _introduced else []


def current_slug() -> str:
    """The open tenant's slug, for commands that pages show."""
    return _introduced[0][2]()


def tenant_called(slug: str) -> UUID:
    """The tenant of that slug. Raises `Invalid` when there is none."""
    found = _introduced[0][1](slug) if _introduced else None
    if found is None:
        raise Invalid(f"There is no tenant {slug!r}.", field="tenant")
    return found
