"""Who an `Authorization: Bearer` header speaks for."""

from uuid import UUID

from django.http import HttpRequest

from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.custody import tokens
from apps.custody.callers import note_caller
from apps.custody.errors import AddressRefused, TokenRefused
from apps.custody.models import IssuedToken
from apps.tenancy.identity import Identity


def identify_bearer(request: HttpRequest) -> Identity | None:
    """The API token's holder and tenant; None without a bearer header.

    Emergency tokens open the emergency routes only, which check them per call; here they are
    nobody. Raises `TokenRefused`.
    """
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    tenant_id = tokens.tenant_of(text.strip())
    if tenant_id is None:
        raise TokenRefused("This token is unknown.")
    token = _admitted(text.strip(), tenant_id, address=request.META.get("REMOTE_ADDR", ""))
    if token is None:
        return Identity()
    return Identity(
        user_id=token.holder_id,
        tenant_id=tenant_id,
        token_id=token.pk,
        powers=frozenset(token.scope.get("powers", ())),
    )


def _admitted(text: str, tenant_id: UUID, *, address: str) -> IssuedToken | None:
    """The token, its call counted for the preflight of its networks; None for an emergency's.

    A call from outside its networks is counted too, so the refusal is raised after the scope.
    """
    now = database_now()
    with scoped(tenant_id=tenant_id):
        if tokens.is_emergency(text):
            return None
        try:
            token = tokens.check_token(text, kind=IssuedToken.Kind.API, address=address, now=now)
        except AddressRefused as error:
            outside = error
            known = IssuedToken.objects.get(digest=tokens.digest_of(text))
            note_caller(known, address=address, admitted=False, now=now)
        else:
            note_caller(token, address=address, admitted=True, now=now)
            return token
    raise outside
