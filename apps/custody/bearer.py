"""Who an `Authorization: Bearer` header speaks for."""

from django.http import HttpRequest

from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.custody import tokens
from apps.custody.errors import TokenRefused
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
    with scoped(tenant_id=tenant_id):
        if tokens.is_emergency(text.strip()):
            return Identity()
        token = tokens.check_token(
            text.strip(),
            kind=IssuedToken.Kind.API,
            address=request.META.get("REMOTE_ADDR", ""),
            now=database_now(),
        )
    return Identity(
        user_id=token.holder_id,
        tenant_id=tenant_id,
        token_id=token.pk,
        powers=frozenset(token.scope.get("powers", ())),
    )
