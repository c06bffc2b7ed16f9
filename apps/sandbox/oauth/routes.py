"""Where the OAuth endpoints hang."""

from apps.sandbox.errors import OAuthError
from apps.sandbox.oauth import grants, identity, tokens
from apps.sandbox.org import Org
from apps.sandbox.wire import Answer, Call

_OPENID = "/.well-known/openid-configuration"
_BASE = "/services/oauth2/"


def serve_oauth(org: Org, call: Call) -> Answer | None:
    """Answer an OAuth request, or None when the path is not of OAuth."""
    if call.path == _OPENID:
        return identity.discovery(org)
    if call.path.startswith("/id/"):
        return _identity(org, call)
    if not call.path.startswith(_BASE):
        return None
    try:
        return _endpoint(org, call, call.path.removeprefix(_BASE))
    except OAuthError as error:
        return Answer(status=error.status, body=error.body())


def _identity(org: Org, call: Call) -> Answer | None:
    parts = call.path.split("/")[2:]
    return identity.identity(org, call, parts[0], parts[1]) if len(parts) == 2 else None


def _endpoint(org: Org, call: Call, name: str) -> Answer | None:
    if name == "token":
        return _token(org, call)
    if name == "revoke":
        if not org.faults.strikes_inside("delete_ignored", call):
            tokens.revoke(org, call.form.get("token", ""))
        org.counts["revocations"] += 1
        return Answer(body="", content_type="text/html;charset=UTF-8")
    if name == "introspect":
        return identity.introspect(org, call)
    if name == "userinfo":
        return identity.userinfo(org, call)
    return None


def _token(org: Org, call: Call) -> Answer:
    if call.method != "POST":
        raise OAuthError("invalid_request", "must use HTTP POST")
    org.counts["token_requests"] += 1
    org.counts[f"token_requests:{call.form.get('grant_type', '')}"] += 1
    issued = grants.token_answer(org, call)
    org.counts["tokens_issued"] += 1
    if org.faults.strikes_inside("token_stale", call):
        tokens.revoke_access(org, str(issued["access_token"]))
    if org.faults.strikes_inside("token_other_instance", call):
        issued = issued | {"instance_url": "https://elsewhere.example.net"}
    return Answer(body=issued)
