"""Every route names the power it asks for. A route that names none is closed."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, URLPattern, get_urlconf, path, resolve, reverse

PUBLIC = "public"  # anyone, signed in or not
PASSWORD_ONLY = "password-only"  # noqa: S105  a name: signed in, second factor still missing
VERIFIED = "verified"  # signed in with a second factor; no tenant needed

OPEN_TO_ALL = frozenset({PUBLIC, VERIFIED})
RoutePolicy = str | Mapping[str, str]


def route(
    pattern: str,
    view: Callable[..., Any],
    *,
    name: str,
    policy: RoutePolicy,
    own_scope: bool = False,
    **kwargs: Any,
) -> URLPattern:
    """`path()` with a policy: one for all methods, or a mapping from method to policy.

    `own_scope` is for the rare route that must hold no transaction while the outside world
    answers: nothing is opened around it, and its service opens scopes for its own steps.
    """
    if view.__dict__.get("route_policy", policy) != policy:
        raise ValueError(f"{name}: this view serves another route under another policy")
    view.__dict__["route_policy"] = policy
    view.__dict__["own_scope"] = own_scope
    return path(pattern, view, kwargs or None, name=name)


def methods_of(view: Callable[..., Any]) -> list[str]:
    """The methods of a route whose policies are told apart by method; empty for all others."""
    policy = getattr(view, "route_policy", None)
    return sorted(policy) if isinstance(policy, Mapping) else []


def policy_of(view: Callable[..., Any], method: str) -> str | None:
    """The policy that guards a call, or None: the gate refuses those."""
    policy = getattr(view, "route_policy", None)
    if policy is None:
        owner = getattr(view, "model_admin", None) or getattr(view, "admin_site", None)
        policy = getattr(owner, "route_policy", None)
    if isinstance(policy, Mapping):
        return policy.get("GET" if method in {"HEAD", "OPTIONS"} else method)
    return policy


def address_for(held: frozenset[str], url_name: str, *args: object) -> str:
    """Where a page is, for someone with these powers; empty when there is none they may open."""
    try:
        link = reverse(url_name, args=args)
    except NoReverseMatch:
        return ""
    policy = _policy_at(get_urlconf() or settings.ROOT_URLCONF, link)
    return link if policy in held or policy in OPEN_TO_ALL else ""


@lru_cache(maxsize=512)  # every page asks for its whole menu; the routes of a process never change
def _policy_at(urlconf: str, link: str) -> str | None:
    return policy_of(resolve(link, urlconf).func, "GET")
