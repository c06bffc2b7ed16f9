"""The token endpoint's refusals: what each means and who can mend it.

https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_flow_errors.htm
Descriptions that are not documented are matched by a part of their text; whatever is not known is
permanent, since repeating an unknown refusal can lock a user out.
"""

from typing import Any

from apps.crm import errors

_BY_DESCRIPTION: tuple[tuple[str, str], ...] = (
    (
        "expired access/refresh token",
        "The refresh token has expired or was revoked. Authorise the app again and enter the new"
        " refresh token.",
    ),
    (
        "approved this consumer",
        "The user has not approved this app. Set the app's policy to admin-approved users and"
        " assign it to the user's permission set or profile.",
    ),
    ("audience", "The org did not accept the host as audience. Check the My Domain host."),
    (
        "no client credentials user",
        "The app has no user to run as. Choose one in the app's client credentials settings.",
    ),
    (
        "ip restricted",
        "The org refuses the console's IP address. Add it to the login IP ranges of the user's"
        " profile, or relax IP restrictions in the app's policy.",
    ),
    (
        "assertion",
        "The org did not accept the signature. The certificate in the app has to belong to this"
        " private key.",
    ),
    (
        "authentication failure",
        "The org did not accept the sign-in. Check user name and key.",
    ),
)
_BY_ERROR: dict[str, str] = {
    "invalid_client_id": "The org does not know this consumer key. Copy it from the app again.",
    "invalid_client": "The consumer key or secret is wrong. Copy both from the app again.",
    "invalid_app_access": "The user is not approved for this app. Assign the app to a permission"
    " set that the user holds.",
    "inactive_user": "The user is inactive or frozen in the org. A Salesforce admin can activate"
    " or unfreeze it.",
    "inactive_org": "The org is inactive. Salesforce support can tell why.",
    "unsupported_grant_type": "The app does not allow this flow. Switch it on in its settings.",
    "invalid_grant": "The org refused the sign-in. Its login history tells why.",
}
_THROTTLED = ("login rate exceeded", "rate_limit_exceeded", "rate limit")


def refusal(status: int, body: Any, *, host: str) -> errors.CrmError:
    """The typed error of a token answer that is no success."""
    if status >= 500:
        return errors.OrgUnavailable(f"{host} is unavailable now (HTTP {status}).")
    if not isinstance(body, dict) or not isinstance(body.get("error"), str):
        return errors.NotJson(f"{host} answered the sign-in with a page instead of data.")
    error = body["error"][:80]
    description = str(body.get("error_description") or "").lower()
    if any(each in f"{error} {description}" for each in _THROTTLED):
        return errors.LoginThrottled(
            f"{host} refuses more sign-ins of this user for an hour.", error_code=error
        )
    return errors.GrantRefused(_words(error, description), error_code=error)


def _words(error: str, description: str) -> str:
    for part, words in _BY_DESCRIPTION:
        if part in description:
            return words
    return _BY_ERROR.get(error, "The org refused the sign-in for a reason it did not explain.")
