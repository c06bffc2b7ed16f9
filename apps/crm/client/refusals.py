"""The token endpoint's refusals: what each means and who can mend it.

https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_flow_errors.htm
Descriptions that are not documented are matched by a part of their text; whatever is not known is
permanent, since repeating an unknown refusal can lock a user out.
"""

from typing import Any

from apps.crm import errors
from apps.crm.client.pages import kind_of_page

_INACTIVE_USER = (
    "The user is inactive or frozen in the org. A Salesforce admin can activate or unfreeze it."
)
_INACTIVE_ORG = "The org is inactive. Salesforce support can tell why."
# (a part of the description, the name of what it tells, what to do)
_BY_DESCRIPTION: tuple[tuple[str, str, str], ...] = (
    (
        "expired access/refresh token",
        "expired",
        "The refresh token has expired or was revoked. Authorise the app again and enter the new"
        " refresh token.",
    ),
    (
        "approved this consumer",
        "not_approved",
        "The user has not approved this app. Set the app's policy to admin-approved users and"
        " assign it to the user's permission set or profile.",
    ),
    (
        "must be installed",
        "not_installed",
        "The app is not installed in the org. A Salesforce admin can install and approve it.",
    ),
    (
        "audience",
        "audience",
        "The org did not accept the host as audience. Check the My Domain host.",
    ),
    (
        "no client credentials user",
        "no_run_as_user",
        "The app has no user to run as. Choose one in the app's client credentials settings.",
    ),
    (
        "ip restricted",
        "address",
        "The org refuses the console's IP address, or this hour. Add the address to the login IP"
        " ranges of the user's profile, or relax IP restrictions in the app's policy, and look at"
        " the profile's login hours.",
    ),
    *((part, "user_inactive", _INACTIVE_USER) for part in ("user is inactive", "inactive user")),
    *((part, "org_inactive", _INACTIVE_ORG) for part in ("org is inactive", "inactive org")),
    (
        "assertion",
        "assertion",
        "The org did not accept the signature. The certificate in the app has to belong to this"
        " private key.",
    ),
    *(
        (
            part,
            "second_factor",
            "The org asks for a second factor, which a background service cannot give. Exempt the"
            " integration user from multi-factor authentication, or lower the session level that"
            " the app's policy asks for.",
        )
        for part in ("multi-factor", "multifactor", "mfa", "high assurance", "high_assurance")
    ),
    *(
        (
            part,
            "single_sign_on",
            "The org sends sign-ins to an identity provider that does not answer. Ask who runs it,"
            " or let the integration user sign in without single sign-on.",
        )
        for part in ("single sign", "sso", "saml", "identity provider", "delegated auth")
    ),
    (
        "authentication failure",
        "failure",
        "The org did not accept the sign-in. Check user name and key.",
    ),
)
_BY_ERROR: dict[str, str] = {
    "invalid_client_id": "The org does not know this consumer key. Copy it from the app again.",
    "invalid_client": "The consumer key or secret is wrong. Copy both from the app again.",
    "invalid_app_access": "The user is not approved for this app. Assign the app to a permission"
    " set that the user holds.",
    "inactive_user": _INACTIVE_USER,
    "inactive_org": _INACTIVE_ORG,
    "unsupported_grant_type": "The app does not allow this flow. Switch it on in its settings.",
    "invalid_grant": "The org refused the sign-in. Its login history tells why.",
}
_THROTTLED = ("login rate exceeded", "rate_limit_exceeded", "rate limit")


def refusal(status: int, body: Any, *, host: str) -> errors.CrmError:
    """The typed error of a token answer that is no success."""
    told: dict[str, Any] = {"http_status": status, "at": "sign-in"}
    if isinstance(body, str):
        told["page"] = kind_of_page(body)
    if status >= 500:
        return errors.OrgUnavailable(f"{host} is unavailable now (HTTP {status}).", **told)
    if not isinstance(body, dict) or not isinstance(body.get("error"), str):
        return errors.NotJson(f"{host} answered the sign-in with a page instead of data.", **told)
    error = body["error"][:80]
    description = str(body.get("error_description") or "").lower()
    if any(each in f"{error} {description}" for each in _THROTTLED):
        return errors.LoginThrottled(
            f"{host} refuses more sign-ins of this user for an hour.", error_code=error, **told
        )
    if error == "unknown_error":  # its description asks for another try
        return errors.OrgUnavailable(f"{host} could not sign the console in now.", **told)
    name, words = _reading(error, description)
    return errors.GrantRefused(words, error_code=error, **told, told=name)


def _reading(error: str, description: str) -> tuple[str, str]:
    """The name of what the refusal tells, empty when its code has to do, and words for people."""
    for part, name, words in _BY_DESCRIPTION:
        if part in description:
            return name, words
    return "", _BY_ERROR.get(error, "The org refused the sign-in for a reason it did not explain.")
