"""Who acts behind a request. People stand above this floor; here they are actors."""

from django.http import HttpRequest

from apps.common.actors import Actor
from apps.common.errors import NotFound


def acting(request: HttpRequest) -> Actor:
    """The actor behind a request that passed the gate."""
    actor = request.user
    if not isinstance(actor, Actor):
        raise NotFound("Nobody is signed in.")
    return actor
