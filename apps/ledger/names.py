"""Names of actors for readers. People stand above this floor, so they introduce themselves."""

from collections.abc import Callable, Iterable

from apps.ledger import registry

Namer = Callable[[list[str]], dict[str, str]]
_namers: list[Namer] = []


def name_people_with(namer: Namer) -> None:
    """Name the one function that turns `user:<id>` references into names."""
    _namers[:] = [namer]


def names_of(actors: Iterable[str], *, only_known: bool = False) -> dict[str, str]:
    """Names by actor reference; a person who cannot be seen here stays a short reference, or is
    left out with `only_known`."""
    wanted = sorted(set(actors))
    people = [actor for actor in wanted if actor.startswith("user:")]
    named = _namers[0](people) if _namers and people else {}
    if only_known:
        return named
    return {actor: named.get(actor) or _plain(actor) for actor in wanted}


def _plain(actor: str) -> str:
    kind, _, rest = actor.partition(":")
    if kind != "service":
        return f"someone ({rest[:8]})"
    area = registry.area_words(rest)
    return f"{area} (service)" if area else f"{rest.capitalize()} service"
