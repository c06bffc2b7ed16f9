"""Named and external credentials as Connect REST tells of them; reading only.

Connect REST API developer guide, "Named Credentials Resources" (from v58 on).
"""

from typing import Any

from apps.sandbox.access import has_permission
from apps.sandbox.errors import insufficient_access, not_found
from apps.sandbox.org import Record
from apps.sandbox.rest.context import Context
from apps.sandbox.wire import Answer

_OPTIONS = ("allowMergeFieldsInBody", "allowMergeFieldsInHeader", "generateAuthorizationHeader")


def named_credentials(context: Context) -> Answer:
    return Answer(body={"namedCredentials": [_named(row) for row in _rows(context, _NAMED)]})


def named_credential(context: Context, name: str) -> Answer:
    return Answer(body=_named(_one(context, _NAMED, name)))


def external_credentials(context: Context) -> Answer:
    rows = _rows(context, _EXTERNAL)
    return Answer(body={"externalCredentials": [_external(context, row) for row in rows]})


def external_credential(context: Context, name: str) -> Answer:
    return Answer(body=_external(context, _one(context, _EXTERNAL, name)))


_NAMED, _EXTERNAL = "NamedCredential", "ExternalCredential"


def _rows(context: Context, kind: str) -> list[Record]:
    if not has_permission(context.org, context.user_id, "ViewSetup"):
        raise insufficient_access()
    return context.org.records(kind)


def _one(context: Context, kind: str, name: str) -> Record:
    found = [row for row in _rows(context, kind) if row["DeveloperName"] == name]
    if not found:
        raise not_found()
    return found[0]


def _named(row: Record) -> dict[str, Any]:
    whole: dict[str, Any] = row["Metadata"]
    parameters = whole.get("namedCredentialParameters") or []
    return {
        **_names(row),
        "type": whole["namedCredentialType"],
        "calloutUrl": _first(parameters, "Url") or whole.get("endpoint"),
        "calloutOptions": {name: bool(whole.get(name)) for name in _OPTIONS},
        "calloutStatus": whole.get("calloutStatus", "Enabled"),
        "customHeaders": _headers(parameters),
        "externalCredentials": [
            {"developerName": each["externalCredential"]}
            for each in parameters
            if each.get("externalCredential")
        ],
    }


def _external(context: Context, row: Record) -> dict[str, Any]:
    whole: dict[str, Any] = row["Metadata"]
    users = [
        {"developerName": named["DeveloperName"]}
        for named in context.org.records(_NAMED)
        for each in named["Metadata"].get("namedCredentialParameters") or []
        if each.get("externalCredential") == row["DeveloperName"]
    ]
    return {
        **_names(row),
        "authenticationProtocol": whole["authenticationProtocol"],
        "customHeaders": _headers(whole["externalCredentialParameters"]),
        "relatedNamedCredentials": users,
    }


def _names(row: Record) -> dict[str, Any]:
    return {
        "id": row["Id"],
        "developerName": row["DeveloperName"],
        "masterLabel": row["MasterLabel"],
    }


def _first(parameters: list[dict[str, Any]], kind: str) -> Any:
    found = [each["parameterValue"] for each in parameters if each["parameterType"] == kind]
    return found[0] if found else None


def _headers(parameters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"headerName": each["parameterName"], "headerValue": each["parameterValue"]}
        for each in parameters
        if each["parameterType"] in {"HttpHeader", "AuthHeader"}
    ]
