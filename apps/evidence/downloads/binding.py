"""What a link is bound to: the session or the API token that it was asked for with."""

import hashlib

from django.http import HttpRequest

from apps.accounts.sessions import row_key_of
from apps.tenancy.identity import Identity


def bound_to(request: HttpRequest) -> bytes:
    """A digest that tells this session or token from every other."""
    identity: Identity = request.__dict__["identity"]
    if identity.token_id is not None:
        held = f"token:{identity.token_id}"
    else:
        held = f"session:{row_key_of(request.session.session_key or '')}"
    return hashlib.sha256(f"evidence.download:{held}".encode()).digest()
