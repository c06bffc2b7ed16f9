"""The grant types of the token endpoint."""

import base64
import binascii
import math
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_pem_x509_certificate

from apps.sandbox.access import may_use_app
from apps.sandbox.errors import OAuthError
from apps.sandbox.oauth import codes, exchange
from apps.sandbox.oauth.consumers import Consumer, find_consumer
from apps.sandbox.oauth.logins import record_login
from apps.sandbox.oauth.tokens import (
    grant_for,
    issue_access,
    may_log_in,
    new_refresh_token,
    note_use,
    revoke_grant,
)
from apps.sandbox.org import Org, Record
from apps.sandbox.store import Document
from apps.sandbox.wire import Call

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LATEST_PAST = timedelta(minutes=5)
_MILLISECONDS_FROM = 100_000_000_000
_UNCHECKED: dict[str, Any] = {
    f"verify_{claim}": False for claim in ("exp", "aud", "iat", "nbf", "sub", "iss", "jti")
}
_NOT_APPROVED = OAuthError("invalid_grant", "user hasn't approved this consumer")


def token_answer(org: Org, call: Call) -> Document:
    """Serve one token request. Raises OAuthError."""
    form = call.form
    grant_type = form.get("grant_type", "")
    handler = _GRANTS.get(grant_type)
    if handler is None:
        raise OAuthError("unsupported_grant_type", "grant type not supported")
    return handler(org, call, form)


def authenticated_consumer(org: Org, call: Call, form: dict[str, str]) -> Consumer:
    """The app whose key and secret came in the body or in a Basic header."""
    key, secret = form.get("client_id", ""), form.get("client_secret", "")
    header = call.headers.get("authorization", "")
    if header.lower().startswith("basic "):
        key, secret = _basic(header[6:])
    consumer = find_consumer(org, key)
    if consumer is None:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    if secret != consumer.secret:
        raise OAuthError("invalid_client", "invalid client credentials")
    return consumer


def _basic(encoded: str) -> tuple[str, str]:
    try:
        decoded = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise OAuthError("invalid_client", "invalid client credentials") from error
    key, _, secret = decoded.partition(":")
    return key, secret


def _jwt_bearer(org: Org, call: Call, form: dict[str, str]) -> Document:
    consumer, claims = _verified_claims(org, form.get("assertion", ""))
    _check_audience(org, claims.get("aud"))
    _check_expiry(claims.get("exp"), now=call.now)
    user = org.first("User", Username=str(claims.get("sub", claims.get("prn", ""))))
    if user is None:
        raise _NOT_APPROVED
    _check_user(org, consumer, user, call)
    answer = _log_in(org, consumer, user, call, kind="OAuth JWT Bearer")
    return {key: answer[key] for key in _JWT_ANSWER}


_JWT_ANSWER = ("access_token", "scope", "instance_url", "id", "token_type")


def _verified_claims(org: Org, assertion: str) -> tuple[Consumer, dict[str, Any]]:
    try:
        unread: Any = _UNCHECKED | {"verify_signature": False}
        unverified = jwt.decode(assertion, options=unread)
        consumer = find_consumer(org, str(unverified.get("iss", "")))
        if consumer is None:
            raise OAuthError("invalid_client_id", "client identifier invalid")
        options: Any = _UNCHECKED | {"verify_signature": True}
        claims = jwt.decode(assertion, _public_key(consumer), algorithms=["RS256"], options=options)
    except jwt.PyJWTError as error:
        raise OAuthError("invalid_grant", "invalid assertion") from error
    return consumer, claims


def _public_key(consumer: Consumer) -> RSAPublicKey:
    if not consumer.certificate:
        raise OAuthError("invalid_grant", "invalid assertion")
    key = load_pem_x509_certificate(consumer.certificate.encode()).public_key()
    if not isinstance(key, RSAPublicKey):
        raise OAuthError("invalid_grant", "invalid assertion")
    return key


def _check_audience(org: Org, audience: Any) -> None:
    given = audience if isinstance(audience, list) else [audience]
    own = {org.base_url, org.spec.my_domain}
    accepted = own | {"https://login.salesforce.com", "https://test.salesforce.com"}
    accepted |= {f"{url}/services/oauth2/token" for url in accepted}
    if not accepted & {str(each).rstrip("/") for each in given}:
        raise OAuthError("invalid_grant", "Audience validation failed")


def _check_expiry(given: Any, *, now: datetime) -> None:
    """Accept what real clients send: text, milliseconds, or the very moment of sending."""
    try:
        seconds = float(given)
    except (TypeError, ValueError, OverflowError) as error:
        raise OAuthError("invalid_grant", "invalid assertion") from error
    if not math.isfinite(seconds):
        raise OAuthError("invalid_grant", "invalid assertion")
    if seconds > _MILLISECONDS_FROM:
        seconds /= 1000
    if seconds < (now - _LATEST_PAST).timestamp():
        raise OAuthError("invalid_grant", "expired assertion")


def _check_user(org: Org, consumer: Consumer, user: Record, call: Call) -> None:
    if not may_log_in(org, user):
        record_login(org, call, user=user, app_name=consumer.app_name, status="User is Inactive")
        raise OAuthError("inactive_user", "user is inactive")
    if consumer.admin_approved_only:
        if not may_use_app(org, user["Id"], consumer.app_id):
            raise OAuthError("invalid_app_access", "user is not admin approved to access this app")
    elif not org.find("OauthToken", AppName=consumer.app_name, UserId=user["Id"]):
        raise _NOT_APPROVED


def _log_in(org: Org, consumer: Consumer, user: Record, call: Call, *, kind: str) -> Document:
    grant = grant_for(org, consumer, user, now=call.now)
    record_login(org, call, user=user, app_name=consumer.app_name, subtype=kind)
    return issue_access(org, consumer, user, grant, now=call.now)


def _client_credentials(org: Org, call: Call, form: dict[str, str]) -> Document:
    consumer = authenticated_consumer(org, call, form)
    user = org.first("User", Username=consumer.client_credentials_user)
    if user is None:
        raise OAuthError("invalid_grant", "no client credentials user enabled")
    if not may_log_in(org, user):
        raise OAuthError("inactive_user", "user is inactive")
    answer = _log_in(org, consumer, user, call, kind="OAuth Client Credential")
    return answer | {"api_instance_url": org.base_url}


def _exchange(org: Org, call: Call, form: dict[str, str]) -> Document:
    consumer = authenticated_consumer(org, call, form)
    user = exchange.subject_of(org, call, consumer)
    _check_user(org, consumer, user, call)
    answer = _log_in(org, consumer, user, call, kind="OAuth Token Exchange")
    return answer | {"issued_token_type": exchange.ACCESS_TOKEN}


def _code(org: Org, call: Call, form: dict[str, str]) -> Document:
    consumer = authenticated_consumer(org, call, form)
    user = codes.user_of_code(org, consumer, form, now=call.now)
    if not may_log_in(org, user):
        raise OAuthError("inactive_user", "user is inactive")
    grant = grant_for(org, consumer, user, now=call.now, refreshable=True)
    record_login(org, call, user=user, app_name=consumer.app_name, subtype="OAuth Web Server")
    answer = issue_access(org, consumer, user, grant, now=call.now)
    return answer | {"refresh_token": grant["AccessToken"]}


def _refresh(org: Org, call: Call, form: dict[str, str]) -> Document:
    consumer = authenticated_consumer(org, call, form)
    token = form.get("refresh_token", "")
    _punish_reuse(org, token)
    grant = org.first("OauthToken", AccessToken=token, AppName=consumer.app_name)
    if grant is None:
        raise OAuthError("invalid_grant", "expired access/refresh token")
    user = org.record("User", grant["UserId"])
    if user is None or not may_log_in(org, user):
        raise OAuthError("inactive_user", "user is inactive")
    grant = note_use(org, grant, now=call.now)
    answer = issue_access(org, consumer, user, grant, now=call.now)
    if consumer.rotates_refresh_tokens:
        answer["refresh_token"] = _rotate(org, grant, now=call.now)
    return answer


def _rotate(org: Org, grant: Record, *, now: datetime) -> str:
    fresh = new_refresh_token()
    org.store.put("retired", str(grant["AccessToken"]), {"grant_id": grant["Id"]})
    org.update("OauthToken", grant["Id"], {"AccessToken": fresh}, now=now)
    return fresh


def _punish_reuse(org: Org, token: str) -> None:
    """A refresh token used twice was stolen from someone: end everything that came of it."""
    retired = org.store.get("retired", token)
    if retired is None:
        return
    grant = org.record("OauthToken", retired["grant_id"])
    if grant is not None:
        revoke_grant(org, grant)
    raise OAuthError("invalid_grant", "expired access/refresh token")


_GRANTS: dict[str, Callable[[Org, Call, dict[str, str]], Document]] = {
    JWT_BEARER: _jwt_bearer,
    "client_credentials": _client_credentials,
    "authorization_code": _code,
    "refresh_token": _refresh,
    exchange.GRANT_TYPE: _exchange,
}
