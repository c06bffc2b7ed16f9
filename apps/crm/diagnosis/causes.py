"""The causes of a lockout: what each means and how long to leave the org alone.

Waits: the daily allowance rolls over 24 hours, so some of it is back within the hour; sign-ins of
one user are counted by the hour; concurrent requests are counted while they last.
https://developer.salesforce.com/docs/atlas.en-us.salesforce_app_limits_cheatsheet.meta/salesforce_app_limits_cheatsheet/salesforce_app_limits_platform_api.htm
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Cause:
    """`wait` is null where time alone mends nothing; `passes` where nobody needs to be told."""

    code: str
    title: str
    words: str
    wait: timedelta | None = None
    passes: bool = False


_MINUTE = timedelta(minutes=1)
_ALL = (
    Cause(
        "token_expired",
        "The token has expired",
        "The org ended the session or the refresh token by its own time limits, and asking for a"
        " new one with what the console holds did not help.",
    ),
    Cause(
        "grant_revoked",
        "The grant was revoked",
        "The user's approval of the app is gone: someone ended it in the org, or it was never"
        " given.",
    ),
    Cause(
        "app_not_approved",
        "The app is not approved",
        "The org's policy admits only approved apps and users, and this user is not approved for"
        " this app, or the app is not installed.",
    ),
    Cause(
        "user_inactive",
        "The user is inactive or frozen",
        "The integration user that the console acts as may not sign in any more.",
    ),
    Cause(
        "org_inactive",
        "The org is inactive",
        "Salesforce has closed or suspended the whole org: a trial that ended, a contract, or a"
        " sandbox that is being refreshed.",
    ),
    Cause(
        "ip_restricted",
        "The console's address is not allowed",
        "The org lets this user sign in from certain addresses only, and the console comes from"
        " another.",
    ),
    Cause(
        "mfa_or_sso",
        "Multi-factor or single sign-on stands in the way",
        "The org asks for a second factor, or for a sign-in by an identity provider that does not"
        " answer. A background service can give neither.",
        wait=15 * _MINUTE,
    ),
    Cause(
        "quota_spent",
        "The allowance of API requests is spent",
        "All programs together have used the org's API requests of 24 hours. They come back hour"
        " by hour.",
        wait=60 * _MINUTE,
    ),
    Cause(
        "budget_kept",
        "The console keeps the rest for emergencies",
        "What is left of the org's API requests is the reserve that only emergency access may"
        " spend. The org itself would still answer.",
        wait=15 * _MINUTE,
    ),
    Cause(
        "concurrent_limit",
        "Too many requests at the same time",
        "Too many long requests run in the org at once. It passes when some of them end.",
        wait=_MINUTE,
        passes=True,
    ),
    Cause(
        "row_locked",
        "A record is being written by someone else",
        "Only this record was closed for a moment; nothing was changed and the org works.",
        wait=_MINUTE / 2,
        passes=True,
    ),
    Cause(
        "maintenance",
        "The org is in maintenance or down",
        "The org answers that it cannot serve anyone now.",
        wait=15 * _MINUTE,
    ),
    Cause(
        "wrong_host",
        "The host is not the org's own",
        "The org expects another host than the connection names, or its answers point elsewhere."
        " Nothing was sent to the other host.",
    ),
    Cause(
        "path_not_private",
        "The path is not the one recorded",
        "The org may be called by a private path only, and that path is not recorded or its host"
        " resolves to a public address; or it is reached publicly, and its host resolves to an"
        " address inside your own network. Nothing was sent.",
    ),
    Cause(
        "sign_ins_throttled",
        "Too many sign-ins of this user",
        "The org counts a user's sign-ins by the hour and takes no more for now.",
        wait=60 * _MINUTE,
    ),
    Cause(
        "app_credentials",
        "The app's key or secret is not accepted",
        "The org does not know the consumer key, its secret, or the certificate that belongs to"
        " the console's private key.",
    ),
    Cause(
        "app_setup",
        "The app does not allow this way to sign in",
        "The flow is switched off in the app's settings, or has no user to run as.",
    ),
    Cause(
        "api_disabled",
        "The API is switched off",
        "The org's edition or settings do not allow API requests.",
    ),
    Cause(
        "version_retired",
        "The org has retired the API version",
        "Salesforce ends old versions of its API, and the org no longer serves the one that the"
        " console speaks.",
    ),
    Cause(
        "permission_missing",
        "The user lacks a permission",
        "The org lets the console in and refuses one thing that it asked for.",
    ),
    Cause(
        "certificate",
        "The certificate is not trusted",
        "What answers under the org's host shows a certificate that the console does not trust: a"
        " proxy on the way, or someone posing as the org.",
    ),
    Cause(
        "unreachable",
        "The org cannot be reached",
        "No connection was made or no answer came: the network, the name, or a firewall.",
        wait=5 * _MINUTE,
    ),
    Cause(
        "page_instead",
        "A web page came instead of data",
        "Something on the way answers with a page: a login page, a proxy, or a maintenance page.",
        wait=15 * _MINUTE,
    ),
    Cause(
        "unknown",
        "A refusal the console does not know",
        "The org refused without a reason that the console can name. Its login history can.",
    ),
)
CAUSES: Mapping[str, Cause] = {cause.code: cause for cause in _ALL}


def cause_named(code: str) -> Cause:
    """The cause with this code; `unknown` for a code that is no longer used."""
    return CAUSES.get(code, CAUSES["unknown"])
