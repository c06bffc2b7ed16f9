"""DRF's view of what the scope middleware already established."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from apps.accounts.models import User
from apps.tenancy.identity import Identity


class ScopeAuthentication(BaseAuthentication):
    """Bearer tokens as they are; session users must bring the CSRF token."""

    def authenticate(self, request: Request) -> tuple[User, Identity] | None:
        inner = request._request
        identity: Identity = inner.__dict__["identity"]
        if not isinstance(inner.user, User):
            return None
        if identity.token_id is None:
            _enforce_csrf(request)
        return inner.user, identity

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="bailiwick"'


def _no_view(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def _enforce_csrf(request: Request) -> None:
    check = CSRFCheck(_no_view)
    check.process_request(request._request)
    reason = check.process_view(request._request, _no_view, (), {})
    if reason:
        raise PermissionDenied(f"CSRF check failed: {reason}")


class ScopeScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document describes it."""

    target_class = "apps.tenancy.api.authentication.ScopeAuthentication"
    name = "tokenAuth"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
