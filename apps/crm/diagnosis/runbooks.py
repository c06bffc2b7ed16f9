"""What to do about each cause: steps in order, each with the page that does it.

A step leads to a page of the console (a route) or of the org's own Setup, which opens under the
connection's validated host.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from apps.crm.models import Connection


@dataclass(frozen=True, slots=True)
class Step:
    """`route` names a page of the console that takes the connection's id; `address` any other."""

    words: str
    link: str = ""
    route: str = ""
    address: str = ""


Make = Callable[[Connection], Step]


def _setup(words: str, link: str, page: str) -> Make:
    """A step in the org's Setup."""
    return lambda org: Step(
        words, f"{link} in the org", address=f"https://{org.host}/lightning/setup/{page}/home"
    )


def _here(words: str, link: str, route: str) -> Make:
    return lambda _: Step(words, link, route=route)


def _plain(words: str) -> Make:
    return lambda _: Step(words)


def _status(org: Connection) -> Step:
    instance = org.instance_name
    known = f"instances/{instance}" if instance.isalnum() else ""
    return Step(
        "Look whether Salesforce announces maintenance or an incident for the org's instance.",
        "Salesforce status",
        address=f"https://status.salesforce.com/{known}",
    )


def _who(org: Connection) -> Step:
    who = "the user that the app runs as" if not org.username else "the connection's user"
    return Step(
        f"Open {who}; set it active and unfreeze it. Ask who changed it and why before you do.",
        "Users in the org",
        address=f"https://{org.host}/lightning/setup/ManageUsers/home",
    )


def _reconnect(words: str) -> Make:
    return _here(words, "Disconnect this org", "crm:disconnect")


_HISTORY = _setup(
    "Find the refused sign-in: time, address and reason.", "Login history", "OrgLoginHistory"
)
_APPROVE = _setup(
    "Open the app's policies: admin-approved users, and assign the app to a permission set that the"
    " user holds.",
    "External client apps",
    "ManageExternalClientApplication",
)
_USAGE = _setup(
    "See who ended the grant, and whether others lost theirs: the setup audit trail names the act.",
    "Setup audit trail",
    "SecurityEvents",
)
_RESTS = _plain("Wait until the next safe attempt. Asking sooner changes nothing.")
_AGAIN = _plain("Then press “Check again” above.")

_STEPS: Mapping[str, tuple[Make, ...]] = {
    "token_expired": (
        _setup(
            "Look at the app's refresh token policy and session timeout: they ended the token.",
            "External client apps",
            "ManageExternalClientApplication",
        ),
        _reconnect(
            "With a refresh token: authorise the app again, end this connection and connect the org"
            " with the new token. With a key or a secret nothing has to be entered again."
        ),
        _AGAIN,
    ),
    "grant_revoked": (
        _USAGE,
        _plain("If the end was not meant: an admin approves the app for the user again."),
        _reconnect("With a refresh token: connect the org anew with the one of the new grant."),
        _AGAIN,
    ),
    "app_not_approved": (_APPROVE, _AGAIN),
    "user_inactive": (_who, _AGAIN),
    "org_inactive": (
        _status,
        _plain("Ask Salesforce support, or whoever holds the contract. Nothing here can mend it."),
        _AGAIN,
    ),
    "ip_restricted": (
        _HISTORY,
        _setup(
            "Add the console's address to the login IP ranges of the user's profile, or relax them"
            " in the app's policy.",
            "Profiles",
            "EnhancedProfiles",
        ),
        _setup("Check the org's trusted ranges too.", "Network access", "NetworkAccess"),
        _AGAIN,
    ),
    "mfa_or_sso": (
        _HISTORY,
        _setup(
            "If single sign-on fails for people as well, the identity provider is down: its"
            " operator mends it. See which one the org uses.",
            "Single sign-on",
            "SingleSignOn",
        ),
        _setup(
            "Otherwise see whether a policy now asks the integration user for a second factor.",
            "Identity verification",
            "IdentityVerification",
        ),
        _AGAIN,
    ),
    "quota_spent": (
        _setup(
            "See which program spends the requests.", "Company information", "CompanyProfileInfo"
        ),
        _plain("Stop or slow the biggest one; large reads belong into the Bulk API."),
        _RESTS,
    ),
    "budget_kept": (
        _here("See what was spent and what is kept.", "The org's budget", "crm:connection"),
        _plain("Emergency access works meanwhile. A tenant admin can change the reserve."),
        _RESTS,
    ),
    "concurrent_limit": (
        _plain("Nothing: the console repeats reads by itself."),
        _setup("If it lasts, find long-running jobs.", "Apex jobs", "AsyncApexJobs"),
    ),
    "row_locked": (
        _plain("Nothing: the write was not done and is tried again."),
        _setup(
            "If it lasts, find who writes the same records in bulk.",
            "Bulk jobs",
            "AsyncApiJobStatus",
        ),
    ),
    "maintenance": (_status, _RESTS),
    "wrong_host": (
        _setup("Read the current My Domain host.", "My Domain", "OrgDomain"),
        _reconnect(
            "If it was renamed, end this connection and connect the org under its new host."
        ),
    ),
    "path_not_private": (
        _here("See the recorded path and what the host resolves to.", "The org", "crm:connection"),
        _plain(
            "Have your network team mend the name resolution: private addresses belong to a path"
            " recorded as Private Connect, public ones to every other. Then check again."
        ),
    ),
    "sign_ins_throttled": (
        _HISTORY,
        _plain("If other programs use the same user, give the console one of its own."),
        _RESTS,
    ),
    "app_credentials": (
        _setup(
            "Compare consumer key and certificate with the app's: they may have been rotated.",
            "External client apps",
            "ManageExternalClientApplication",
        ),
        _reconnect("End this connection and connect the org with the current key or secret."),
    ),
    "app_setup": (
        _setup(
            "Switch the flow on in the app's settings; client credentials need a user to run as.",
            "External client apps",
            "ManageExternalClientApplication",
        ),
        _AGAIN,
    ),
    "api_disabled": (
        _setup("See the org's edition and features.", "Company information", "CompanyProfileInfo"),
        _plain("Ask Salesforce to switch API access on."),
        _AGAIN,
    ),
    "permission_missing": (
        _setup("Give the integration user the permission.", "Permission sets", "PermSets"),
        _AGAIN,
    ),
    "version_retired": (
        lambda _: Step(
            "See which versions Salesforce has retired.",
            "Retired versions",
            address="https://help.salesforce.com/s/articleView?id=005321531&type=1",
        ),
        _plain("Have the operator bring this console up to date, then check again."),
        _AGAIN,
    ),
    "certificate": (
        _plain("Compare the certificate's issuer from another network."),
        _plain(
            "If your own proxy replaces certificates, its operator adds its CA to the console's"
            " installation (BAILIWICK_EXTRA_CA). If nobody knows it, treat it as an attack."
        ),
        _AGAIN,
    ),
    "unreachable": (
        _plain("Check name resolution and the firewall between the console and the org's host."),
        _status,
        _AGAIN,
    ),
    "page_instead": (
        _plain("Open the host in a browser from the console's network and see what answers."),
        _status,
        _AGAIN,
    ),
    "unknown": (_HISTORY, _AGAIN),
}


def steps_for(cause: str, org: Connection) -> list[Step]:
    """The runbook of a cause for this org, first step first."""
    return [make(org) for make in _STEPS.get(cause, _STEPS["unknown"])]
