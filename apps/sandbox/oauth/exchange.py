"""The token-exchange grant (RFC 8693): one app's access token for another's, of the same user."""

from apps.sandbox.errors import OAuthError
from apps.sandbox.oauth.consumers import Consumer
from apps.sandbox.oauth.tokens import find_session
from apps.sandbox.org import Org, Record
from apps.sandbox.wire import Call

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - a type, not a token


def subject_of(org: Org, call: Call, consumer: Consumer) -> Record:
    """The user whom the subject token speaks for. Raises OAuthError."""
    form = call.form
    policy = org.first("ExtlClntAppOauthPlcyCnfg", ExternalClientApplicationId=consumer.app_id)
    if not (policy or {}).get("IsTokenExchangeFlowEnabled"):
        raise OAuthError("invalid_grant", "token exchange flow is not enabled")
    if form.get("subject_token_type") != ACCESS_TOKEN:
        raise OAuthError("invalid_request", f"subject_token_type must be {ACCESS_TOKEN}")
    session = find_session(org, form.get("subject_token", ""), now=call.now)
    if session is None:
        raise OAuthError("invalid_grant", "expired access/refresh token")
    return session.user
