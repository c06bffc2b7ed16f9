"""From a typed error to the cause of a lockout, with the evidence for it.

A sign that the vendor documents makes the cause certain. The others are known from practice only,
and the cause is marked so.
https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_flow_errors.htm
https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm
"""

from dataclasses import dataclass
from typing import Any

from apps.crm import errors

# A refused sign-in, by what `client.refusals` found in it: (cause, whether the sign is published).
_TOLD: dict[str, tuple[str, bool]] = {
    "expired": ("token_expired", True),
    "not_approved": ("grant_revoked", True),
    "not_installed": ("app_not_approved", False),
    "audience": ("wrong_host", True),
    "no_run_as_user": ("app_setup", True),
    "address": ("ip_restricted", False),
    "second_factor": ("mfa_or_sso", False),
    "single_sign_on": ("mfa_or_sso", False),
    "failure": ("app_credentials", False),
    "assertion": ("app_credentials", False),
    "user_inactive": ("user_inactive", False),
    "org_inactive": ("org_inactive", False),
    "maintenance": ("maintenance", False),
}
_SIGN_IN_CODES: dict[str, tuple[str, bool]] = {
    "invalid_app_access": ("app_not_approved", False),
    "inactive_user": ("user_inactive", False),
    "inactive_org": ("org_inactive", False),
    "invalid_client": ("app_credentials", False),
    "invalid_client_id": ("app_credentials", False),
    "unsupported_grant_type": ("app_setup", False),
}
_API_CODES: dict[str, tuple[str, bool]] = {
    "API_DISABLED_FOR_ORG": ("api_disabled", True),
    "API_CURRENTLY_DISABLED": ("api_disabled", True),
}
# The first kind that fits decides: subclasses stand before what they derive from.
_KINDS: tuple[tuple[type[errors.CrmError], str, bool], ...] = (
    (errors.BudgetSpent, "budget_kept", True),
    (errors.ConcurrencyReached, "concurrent_limit", True),
    (errors.LimitReached, "quota_spent", True),
    (errors.RowLocked, "row_locked", True),
    (errors.LoginThrottled, "sign_ins_throttled", False),
    (errors.SessionExpired, "token_expired", True),
    (errors.PathRefused, "path_not_private", True),
    (errors.HostChanged, "wrong_host", True),
    (errors.VersionRetired, "version_retired", True),
    (errors.NotTrusted, "certificate", True),
    (errors.Unreachable, "unreachable", True),
    (errors.NoAnswer, "unreachable", False),
    (errors.OrgUnavailable, "maintenance", True),
    (errors.NotJson, "page_instead", False),
    (errors.AccessRefused, "permission_missing", True),
    (errors.GrantRefused, "unknown", False),
)


@dataclass(frozen=True, slots=True)
class Recognised:
    """A cause, whether its sign is published, and the codes it was recognised by."""

    cause: str
    certain: bool
    evidence: dict[str, Any]


def recognise(error: errors.CrmError) -> Recognised | None:
    """The cause behind an error; None where the org did answer and only refused what was asked."""
    cause, certain = _cause(error)
    if not cause:
        return None
    evidence = {"kind": error.code} | {
        name: error.data[name]
        for name in ("error_code", "told", "http_status", "at", "early", "page")
        if error.data.get(name)
    }
    return Recognised(cause, certain, evidence)


def keeps_out(error: errors.CrmError) -> bool:
    """Whether an error in the middle of some work means that the console is locked out.

    An org that refuses one object or one page to the console's user has let it in: what could not
    be read says so itself. Only a check, which reads what every user may read, tells it apart.
    """
    cause, _ = _cause(error)
    return bool(cause) and cause != "permission_missing"


def _cause(error: errors.CrmError) -> tuple[str, bool]:
    told, code = str(error.data.get("told", "")), str(error.data.get("error_code", ""))
    if isinstance(error, errors.GrantRefused):
        if told == "expired" and error.data.get("early"):
            # Time limits end a refresh token or a session, not both at once before their end.
            return "grant_revoked", False
        found = _TOLD.get(told) or _SIGN_IN_CODES.get(code)
        if found:
            return found
    if isinstance(error, errors.AccessRefused) and code in _API_CODES:
        return _API_CODES[code]
    if isinstance(error, errors.NotJson | errors.OrgUnavailable) and error.data.get("page"):
        return _TOLD[str(error.data["page"])]
    return _by_kind(error)


def _by_kind(error: errors.CrmError) -> tuple[str, bool]:
    for kind, cause, certain in _KINDS:
        if isinstance(error, kind):
            return cause, certain
    return "", False
