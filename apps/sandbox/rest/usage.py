"""The Connect REST inventory of OAuth use, and revoking through it."""

from typing import Any

from apps.sandbox.access import has_permission
from apps.sandbox.errors import ApiError, insufficient_access, not_found
from apps.sandbox.ids import normal_id
from apps.sandbox.oauth.tokens import revoke_grant
from apps.sandbox.org import Record
from apps.sandbox.rest.context import Context
from apps.sandbox.times import iso_z, read_stamp
from apps.sandbox.wire import Answer, no_content

_LARGEST_PAGE, _DEFAULT_PAGE = 200, 100
_FORMAT = "OPAQUE"


def _require_permission(context: Context) -> None:
    if not has_permission(context.org, context.user_id, "CustomizeApplication"):
        raise insufficient_access()


def list_apps(context: Context) -> Answer:
    _require_permission(context)
    names = {str(grant["AppName"]) for grant in context.org.records("OauthToken")}
    apps = [item for item in context.org.records("AppMenuItem") if item["Label"] in names]
    page, links = _paged(context, apps, "")
    return Answer(body={"apps": [_app(context, item) for item in page], **links})


def _app(context: Context, item: Record) -> dict[str, Any]:
    identifier = item["ApplicationId"]
    described = context.org.record("ExternalClientApplication", identifier) or {}
    return {
        "accessTokenFormat": _FORMAT,
        "availableActions": "disable, enable",
        "description": described.get("Description"),
        "developerName": item["Name"],
        "identifier": identifier,
        "isFromPackage": described.get("DistributionState") == "Packaged",
        "usageDetailsUrl": f"{context.base}/apps/oauth/usage/{identifier}/users",
    }


def list_users(context: Context, app: str) -> Answer:
    _require_permission(context)
    item, grants = _app_and_grants(context, app)
    by_user: dict[str, list[Record]] = {}
    for grant in _listed(context, grants):
        by_user.setdefault(grant["UserId"], []).append(grant)
    page, links = _paged(context, list(by_user.items()), f"/{item['ApplicationId']}/users")
    users = [_user(context, item, user_id, held) for user_id, held in page]
    return Answer(body={**links, "users": users})


def _user(context: Context, item: Record, user_id: str, grants: list[Record]) -> dict[str, Any]:
    url = f"{context.base}/apps/oauth/usage/{item['ApplicationId']}/{user_id}/tokens"
    return _usage(context, item, user_id, grants, url)


def _usage(
    context: Context, item: Record, user_id: str, grants: list[Record], url: str
) -> dict[str, Any]:
    user = context.org.record("User", user_id) or {}
    used = [str(grant["LastUsedDate"]) for grant in grants if grant["LastUsedDate"]]
    return {
        "accessTokenFormat": _FORMAT,
        "appDeveloperName": item["Name"],
        "appIdentifier": item["ApplicationId"],
        "initialConnectionAt": _iso(min(str(grant["CreatedDate"]) for grant in grants)),
        "lastUsedAt": _iso(max(used, default="")),
        "revocationUrl": url,
        "useCount": sum(int(grant["UseCount"] or 0) for grant in grants),
        "userIdentifier": user_id,
        "username": user.get("Username"),
    }


def _iso(text: str) -> str | None:
    return iso_z(read_stamp(text)) if text else None


def list_tokens(context: Context, app: str, user: str) -> Answer:
    _require_permission(context)
    item, grants = _app_and_grants(context, app)
    user_id = normal_id(user)
    mine = [grant for grant in _listed(context, grants) if grant["UserId"] == user_id]
    page, links = _paged(context, mine, f"/{item['ApplicationId']}/{user_id}/tokens")
    root = f"{context.base}/apps/oauth/usage/tokens"
    tokens = [_usage(context, item, user_id, [each], f"{root}/{each['Id']}") for each in page]
    return Answer(body={**links, "tokens": tokens})


def delete_user_tokens(context: Context, app: str, user: str) -> Answer:
    _require_permission(context)
    _, grants = _app_and_grants(context, app)
    return _end(context, [each for each in grants if each["UserId"] == normal_id(user)])


def delete_app_tokens(context: Context, app: str) -> Answer:
    _require_permission(context)
    _, grants = _app_and_grants(context, app)
    return _end(context, grants)


def delete_token(context: Context, token_id: str) -> Answer:
    _require_permission(context)
    grant = context.org.record("OauthToken", token_id)
    if grant is None:
        raise not_found()
    return _end(context, [grant])


def _end(context: Context, grants: list[Record]) -> Answer:
    kept = context.org.faults.strikes_inside("delete_ignored", context.call)
    for grant in [] if kept else grants:
        revoke_grant(context.org, grant)
    context.org.counts["revocations"] += len(grants)
    return no_content()


def _listed(context: Context, grants: list[Record]) -> list[Record]:
    if context.org.faults.strikes_inside("truncated_tokens", context.call):
        return grants[: len(grants) // 2]
    return grants


def _app_and_grants(context: Context, app: str) -> tuple[Record, list[Record]]:
    item = context.org.first("AppMenuItem", ApplicationId=normal_id(app))
    if item is None:
        raise not_found()
    return item, context.org.find("OauthToken", AppName=item["Label"])


def _paged(context: Context, rows: list[Any], tail: str) -> tuple[list[Any], dict[str, Any]]:
    page = _number(context, "page", 0)
    size = min(max(1, _number(context, "pageSize", _DEFAULT_PAGE)), _LARGEST_PAGE)
    url = f"{context.base}/apps/oauth/usage{tail}?page="
    start, end = page * size, (page + 1) * size
    links = {
        "currentPageUrl": f"{url}{page}&pageSize={size}",
        "nextPageUrl": f"{url}{page + 1}&pageSize={size}" if end < len(rows) else None,
    }
    return rows[start:end], links


def _number(context: Context, name: str, default: int) -> int:
    text = context.call.query.get(name, str(default))
    if not text.isdecimal():
        raise ApiError(400, "INVALID_FIELD", f"{name} must be a whole number, 0 or more")
    return int(text)
