"""Every route of the project, enumerated for tests that must not rely on anybody's memory."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

from apps.common.routes import policy_of

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_PARAMETER = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")


@dataclass(frozen=True)
class Route:
    """A route with its full path pattern and its Django pattern."""

    path: str
    name: str
    entry: URLPattern

    def __str__(self) -> str:
        return self.path or "(home)"

    def policy(self, method: str) -> str | None:
        """The policy that guards a method."""
        return policy_of(self.entry.callback, method)

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """Kind and name of each part of the path that varies."""
        return [(found["kind"] or "str", found["name"]) for found in _PARAMETER.finditer(self.path)]

    def url(self, values: dict[str, str]) -> str:
        """The address with these values; `KeyError` names a parameter nobody gave."""
        return "/" + _PARAMETER.sub(lambda found: values[found["name"]], self.path)


def all_routes(
    resolver: URLResolver | None = None, prefix: str = "", space: str = ""
) -> Iterator[Route]:
    """Every route, namespaces in front of names."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from all_routes(entry, path, inner)
        else:
            yield Route(path, f"{space}{entry.name}", entry)
