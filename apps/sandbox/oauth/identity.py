"""Who a token speaks for: identity, userinfo, introspection, discovery."""

from typing import Any

from apps.sandbox.errors import OAuthError
from apps.sandbox.ids import normal_id
from apps.sandbox.oauth.grants import authenticated_consumer
from apps.sandbox.oauth.tokens import Session, find_session, identity_url
from apps.sandbox.org import Org
from apps.sandbox.times import read_stamp
from apps.sandbox.wire import Answer, Call

_SCOPES = (
    "cdp_ingest_api custom_permissions cdp_segment_api content cdp_api chatbot_api "
    "cdp_identityresolution_api interaction_api wave_api web cdp_calculated_insight_api "
    "einstein_gpt_api offline_access id api data_cloud_user_claims eclair_api email pardot_api "
    "lightning visualforce cdp_query_api sfap_api address openid profile scrt_api "
    "cdp_profile_api refresh_token phone user_registration_api pwdless_login_api chatter_api "
    "mcp_api full forgot_password"
)
_BAD_TOKEN = Answer(status=403, body="Bad_OAuth_Token", content_type="text/html;charset=UTF-8")


def discovery(org: Org) -> Answer:
    base = org.base_url
    oauth = f"{base}/services/oauth2"
    return Answer(
        body={
            "issuer": base,
            "token_endpoint": f"{oauth}/token",
            "revocation_endpoint": f"{oauth}/revoke",
            "userinfo_endpoint": f"{oauth}/userinfo",
            "introspection_endpoint": f"{oauth}/introspect",
            "scopes_supported": _SCOPES.split(),
            "subject_types_supported": ["public"],
            "token_endpoint_auth_methods_supported": [
                "client_secret_post",
                "client_secret_basic",
            ],
        }
    )


def _session(org: Org, call: Call) -> Session | None:
    token = call.headers.get("authorization", "").partition(" ")[2].strip()
    return find_session(org, token or call.form.get("access_token", ""), now=call.now)


def userinfo(org: Org, call: Call) -> Answer:
    session = _session(org, call)
    if session is None:
        return _BAD_TOKEN
    user = session.user
    return Answer(
        body={
            "sub": identity_url(org, user),
            "user_id": user["Id"],
            "organization_id": org.spec.id,
            "preferred_username": user["Username"],
            "nickname": user["Alias"],
            "name": user["Name"],
            "email": user["Email"],
            "email_verified": True,
            "given_name": user["FirstName"],
            "family_name": user["LastName"],
            "zoneinfo": user["TimeZoneSidKey"],
            "locale": user["LocaleSidKey"],
            "language": user["LanguageLocaleKey"],
            "user_type": "STANDARD",
            "active": user["IsActive"],
            "urls": _urls(org),
            "updated_at": user["LastModifiedDate"],
        }
    )


def identity(org: Org, call: Call, org_id: str, user_id: str) -> Answer:
    session = _session(org, call)
    if session is None or normal_id(org_id) != org.spec.id:
        return _BAD_TOKEN
    user = session.user
    if user["Id"] != normal_id(user_id):
        return _BAD_TOKEN
    return Answer(
        body={
            "id": identity_url(org, user),
            "asserted_user": True,
            "user_id": user["Id"],
            "organization_id": org.spec.id,
            "username": user["Username"],
            "nick_name": user["Alias"],
            "display_name": user["Name"],
            "email": user["Email"],
            "first_name": user["FirstName"],
            "last_name": user["LastName"],
            "timezone": user["TimeZoneSidKey"],
            "active": user["IsActive"],
            "user_type": "STANDARD",
            "language": user["LanguageLocaleKey"],
            "locale": user["LocaleSidKey"],
            "urls": _urls(org),
            "is_app_installed": True,
        }
    )


def _urls(org: Org) -> dict[str, str]:
    data = f"{org.base_url}/services/data/v{{version}}/"
    return {
        "rest": data,
        "sobjects": f"{data}sobjects/",
        "query": f"{data}query/",
        "custom_domain": org.base_url,
    }


def introspect(org: Org, call: Call) -> Answer:
    """RFC 7662: an app may introspect its own tokens; any other is answered as inactive."""
    form = call.form
    consumer = authenticated_consumer(org, call, form)
    token = form.get("token", "")
    if not token:
        raise OAuthError("invalid_request", "token is required")
    body = _access_facts(org, call, token, consumer.key)
    return Answer(body=body or _refresh_facts(org, token, consumer.app_name) or {"active": False})


def _access_facts(org: Org, call: Call, token: str, key: str) -> dict[str, Any] | None:
    session = find_session(org, token, now=call.now)
    if session is None or session.consumer_key != key:
        return None
    issued = int(session.issued_at.timestamp())
    return {
        "active": True,
        "scope": " ".join(session.scopes),
        "client_id": key,
        "username": session.user["Username"],
        "sub": identity_url(org, session.user),
        "token_type": "access_token",
        "exp": int(session.expires_at.timestamp()),
        "iat": issued,
        "nbf": issued,
    }


def _refresh_facts(org: Org, token: str, app_name: str) -> dict[str, Any] | None:
    grant = org.first("OauthToken", AccessToken=token, AppName=app_name)
    if grant is None:
        return None
    user = org.record("User", grant["UserId"]) or {}
    return {
        "active": True,
        "username": user.get("Username"),
        "token_type": "refresh_token",
        "iat": int(read_stamp(grant["CreatedDate"]).timestamp()),
    }
