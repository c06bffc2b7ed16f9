"""Issuing, finding and ending tokens. Each access token belongs to one OauthToken record."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.sandbox.errors import ApiError, OAuthError, session_invalid
from apps.sandbox.oauth.consumers import Consumer, scopes_of
from apps.sandbox.org import Org, Record
from apps.sandbox.store import Document
from apps.sandbox.times import read_stamp, stamp

MOST_PER_USER_AND_APP = 5


@dataclass(frozen=True, kw_only=True)
class Session:
    """Whom an access token speaks for."""

    token: str
    user: Record
    app_name: str
    consumer_key: str
    scopes: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime

    @property
    def user_id(self) -> str:
        return str(self.user["Id"])


def new_refresh_token() -> str:
    return "5Aep861" + secrets.token_urlsafe(48).replace("-", ".")


def grant_for(
    org: Org, consumer: Consumer, user: Record, *, now: datetime, refreshable: bool = False
) -> Record:
    """The OauthToken record that new access tokens belong to.

    A flow with a refresh token gets a record of its own, and the oldest beyond five goes."""
    held = org.find("OauthToken", AppName=consumer.app_name, UserId=user["Id"])
    if held and not refreshable:
        newest = max(held, key=lambda grant: str(grant["CreatedDate"]))
        return note_use(org, newest, now=now)
    if refreshable:
        for oldest in sorted(held, key=lambda grant: str(grant["CreatedDate"]))[
            : max(0, len(held) - MOST_PER_USER_AND_APP + 1)
        ]:
            revoke_grant(org, oldest)
    item = org.first("AppMenuItem", ApplicationId=consumer.app_id)
    return org.insert(
        "OauthToken",
        {
            "AppName": consumer.app_name,
            "UserId": user["Id"],
            "AccessToken": new_refresh_token(),
            "DeleteToken": secrets.token_hex(20),
            "LastUsedDate": stamp(now),
            "UseCount": 1,
            "AppMenuItemId": item["Id"] if item else None,
        },
        now=now,
    )


def note_use(org: Org, grant: Record, *, now: datetime) -> Record:
    used = {"UseCount": int(grant["UseCount"] or 0) + 1, "LastUsedDate": stamp(now)}
    return org.update("OauthToken", grant["Id"], used, now=now)


def issue_access(
    org: Org, consumer: Consumer, user: Record, grant: Record, *, now: datetime
) -> Document:
    """Store a new access token and return the fields every token answer has."""
    token = f"{org.spec.id[:15]}!AQ4AQ{secrets.token_urlsafe(60).replace('-', '.')}"
    scopes = " ".join(scopes_of(org, consumer))
    org.store.put(
        "access",
        token,
        {
            "user_id": user["Id"],
            "grant_id": grant["Id"],
            "app_name": consumer.app_name,
            "consumer_key": consumer.key,
            "scopes": scopes,
            "issued_at": stamp(now),
            "expires_at": stamp(now + timedelta(minutes=consumer.session_minutes)),
        },
    )
    identity = identity_url(org, user)
    issued_at = str(int(now.timestamp() * 1000))
    return {
        "access_token": token,
        "signature": sign(identity + issued_at, secret=consumer.secret),
        "scope": scopes,
        "instance_url": org.base_url,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued_at,
    }


def identity_url(org: Org, user: Record) -> str:
    return f"{org.base_url}/id/{org.spec.id}/{user['Id']}"


def sign(text: str, *, secret: str) -> str:
    """What lets a client check that the token answer was not changed under way."""
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def find_session(org: Org, token: str, *, now: datetime) -> Session | None:
    """The session of a live access token of an active, unfrozen user."""
    document = org.store.get("access", token)
    if document is None or read_stamp(document["expires_at"]) <= now:
        return None
    user = org.record("User", document["user_id"])
    if user is None or not may_log_in(org, user):
        return None
    return Session(
        token=token,
        user=user,
        app_name=document["app_name"],
        consumer_key=document["consumer_key"],
        scopes=tuple(document["scopes"].split()),
        issued_at=read_stamp(document["issued_at"]),
        expires_at=read_stamp(document["expires_at"]),
    )


def may_log_in(org: Org, user: Record) -> bool:
    login = org.first("UserLogin", UserId=user["Id"])
    return bool(user.get("IsActive")) and not (login and login.get("IsFrozen"))


def session_of_header(org: Org, header: str, *, now: datetime) -> Session:
    """The session behind an Authorization header, `Bearer` or `OAuth`.

    Raises ApiError INVALID_SESSION_ID."""
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() not in {"bearer", "oauth"}:
        raise session_invalid()
    session = find_session(org, token.strip(), now=now)
    if session is None:
        raise session_invalid()
    if not {"api", "full"} & set(session.scopes):
        message = "This session is not valid for use with the REST API"
        raise ApiError(403, "INVALID_SESSION_ID", message)
    return session


def revoke_access(org: Org, token: str) -> None:
    org.store.remove("access", token)


def revoke_grant(org: Org, grant: Record) -> None:
    """End a grant: its refresh token, its access tokens and its record."""
    for token in org.store.keys("access"):
        document = org.store.get("access", token)
        if document and document["grant_id"] == grant["Id"]:
            revoke_access(org, token)
    org.remove("OauthToken", grant["Id"])


def revoke(org: Org, token: str) -> None:
    """End whatever this token names: an access, refresh or delete token.

    Raises OAuthError when it names nothing."""
    if org.store.get("access", token):
        revoke_access(org, token)
        return
    by_refresh = org.first("OauthToken", AccessToken=token)
    grant = by_refresh or org.first("OauthToken", DeleteToken=token)
    if grant is None:
        raise OAuthError("unsupported_token_type", "this token type is not supported")
    revoke_grant(org, grant)
