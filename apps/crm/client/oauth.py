"""The token endpoint: three flows, its refusals in words, and revocation.

simple-salesforce knows no refresh tokens and no timeouts here, so the form is sent by ourselves.
https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_jwt_flow.htm
https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_client_credentials_flow.htm
https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_refresh_token_flow.htm
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import jwt
import requests

from apps.crm import errors
from apps.crm.client.reaching import Reach
from apps.crm.client.refusals import refusal
from apps.crm.client.transport import OrgSession, require_same_host
from apps.crm.keys import stored_private_key

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION_LIFE = timedelta(minutes=3)  # what Salesforce documents as the longest
# Token answers carry no lifetime. The shortest session timeout that common orgs set is one hour.
ASSUMED_LIFE = timedelta(minutes=55)
# Refusals after which a refresh token is of no use any more, whoever presents it.
_ENDED = frozenset({"expired", "not_approved"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """What the console may present to one org to get an access token."""

    host: str
    flow: str
    reach: Reach = "public"
    client_id: str
    username: str = ""
    private_key: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)

    @property
    def second(self) -> "Grant | None":
        """The key that stands behind a refresh token, where one was entered.

        With rotation a process that dies between the org's answer and our saving leaves a refresh
        token that ends the whole grant when it is presented again. Nothing but another grant helps.
        """
        if self.flow != "refresh_token" or not self.private_key:
            return None
        return replace(self, flow="jwt_bearer", refresh_token="")


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenAnswer:
    """A new access token. `refresh_token` is empty unless the org rotated it.

    `by_second` says that the second grant brought it, because the refresh token has ended.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    life: timedelta
    by_second: bool = False


def renew_token(grant: Grant, *, now: datetime) -> TokenAnswer:
    """A token by this grant, or by its second once the org has ended it. Raises `CrmError`."""
    second = grant.second
    if second is None:
        return request_token(grant, now=now)
    if grant.refresh_token:
        try:
            return request_token(grant, now=now)
        except errors.GrantRefused as refused:
            if refused.data.get("told") not in _ENDED:
                raise
    return replace(request_token(second, now=now), by_second=True)


def request_token(grant: Grant, *, now: datetime) -> TokenAnswer:
    """Ask the org for an access token, once. Raises `CrmError`.

    A repeat is the caller's decision: with rotation, presenting a refresh token twice ends the
    whole grant (https://help.salesforce.com/s/articleView?id=005316711).
    """
    with OrgSession(grant.host, reach=grant.reach) as session:
        answer = session.post(_address(grant.host, "token"), data=_form(grant, now=now))
        return _read(answer, host=grant.host)


def revoke(token: str, *, session: OrgSession) -> None:
    """End the token with this value or DeleteToken. Raises `RecordMissing` when there is none."""
    answer = session.post(_address(session.host, "revoke"), data={"token": token})
    if answer.status_code == 200:
        return
    if answer.status_code >= 500:
        raise errors.OrgUnavailable(f"{session.host} is unavailable now.")
    raise errors.RecordMissing("The org knows no such token: it has ended already.")


def _address(host: str, name: str) -> str:
    return f"https://{host}/services/oauth2/{name}"


def _form(grant: Grant, *, now: datetime) -> dict[str, str]:
    if grant.flow == "jwt_bearer":
        return {"grant_type": JWT_BEARER, "assertion": _assertion(grant, now=now)}
    form = {"client_id": grant.client_id, "client_secret": grant.client_secret}
    if grant.flow == "refresh_token":
        return {"grant_type": "refresh_token", "refresh_token": grant.refresh_token, **form}
    return {"grant_type": "client_credentials", **form}


def _assertion(grant: Grant, *, now: datetime) -> str:
    claims = {
        "iss": grant.client_id,
        "sub": grant.username,
        "aud": f"https://{grant.host}",
        "exp": int((now + ASSERTION_LIFE).timestamp()),
    }
    return jwt.encode(claims, stored_private_key(grant.private_key), algorithm="RS256")


def _read(answer: requests.Response, *, host: str) -> TokenAnswer:
    try:
        body: Any = answer.json()
    except (requests.exceptions.JSONDecodeError, RecursionError):
        body = answer.text
    if answer.status_code != 200:
        raise refusal(answer.status_code, body, host=host)
    if not isinstance(body, dict) or not isinstance(body.get("access_token"), str):
        raise errors.NotJson(f"{host} answered the sign-in with something that is no token.")
    require_same_host(str(body.get("instance_url", "")), host=host)
    rotated = body.get("refresh_token")
    return TokenAnswer(
        access_token=body["access_token"],
        refresh_token=rotated if isinstance(rotated, str) else "",
        life=_life(body.get("expires_in")),
    )


def _life(told: Any) -> timedelta:
    try:
        return timedelta(seconds=max(60, int(told)))
    except (TypeError, ValueError, OverflowError):
        return ASSUMED_LIFE
