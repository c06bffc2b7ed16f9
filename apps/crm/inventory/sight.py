"""Whether the console's user sees more than its own tokens and sign-ins.

An org lists OAuth tokens of other people only with Customize Application, and their sign-ins and
sessions only with Manage Users. Without them it lists the user's own rows and says nothing, so that
the count agrees with the listing and both are far too small.
https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_userpermissionaccess.htm
"""

from apps.crm import errors
from apps.crm.inventory.packed import Record
from apps.crm.inventory.reading import Source
from apps.crm.session import Org

TOKENS, SIGN_INS = "Customize Application", "Manage Users"
_FLAGS = {TOKENS: "PermissionsCustomizeApplication", SIGN_INS: "PermissionsManageUsers"}


def read_lacking(org: Org) -> list[str] | None:
    """Which of the two permissions the console's user lacks; None where the org does not tell.

    Raises `CrmError` for anything but a refusal.
    """
    query = f"SELECT {', '.join(_FLAGS.values())} FROM UserPermissionAccess"  # noqa: S608
    try:
        told: Record = next(org.query(query), {})
    except (errors.QueryRefused, errors.AccessRefused, errors.RecordMissing):
        return None
    if any(not isinstance(told.get(flag), bool) for flag in _FLAGS.values()):
        return None
    return [name for name, flag in _FLAGS.items() if not told[flag]]


def require_sight(org: Org) -> None:
    """Raise `Blind` where the org may list the console's user's own tokens alone: then none listed
    is no proof that there is none. Raises `CrmError` besides."""
    lacking = read_lacking(org)
    if lacking is None:
        some = {row.get("UserId") for row in org.query("SELECT UserId FROM OauthToken LIMIT 2000")}
        lacking = [] if len(some) > 1 else [TOKENS]
    if TOKENS in lacking:
        raise errors.Blind(
            f"The console's user lacks the permission {TOKENS}, so the org lists its own tokens"
            " only and the read proves nothing. Give it the permission, then try again."
        )


def doubt_tokens(source: Source, lacking: list[str] | None) -> None:
    """Call a listing of tokens incomplete that may be the console's user's own alone."""
    if lacking is None and len({row.get("UserId") for row in source.rows}) > 1:
        return  # it lists tokens of others
    if lacking is not None and TOKENS not in lacking:
        return
    source.expected, source.state = None, "incomplete"
    source.error = (
        f"The console's user lacks the permission {TOKENS}, so the org lists its own tokens only."
        " How many others there are is unknown."
        if lacking
        else "The org does not tell whether the console's user sees tokens of others; those listed"
        " are of one account."
    )
