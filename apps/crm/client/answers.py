"""From an org's answer to one typed error: permanent, or worth another try.

Codes: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm
The org's own message is read here to tell cases apart and then dropped: it may name people.
"""

from collections.abc import Mapping
from typing import Any

from apps.crm import errors
from apps.crm.client.pages import kind_of_page

MESSAGE_OF_CONCURRENCY = "concurrent"

_RETIRED = "The org no longer serves the API version that the console uses."
# Permanent means: the same call fails until someone changes the org, the app or the values.
_BY_CODE: Mapping[str, tuple[type[errors.CrmError], str]] = {
    "UNABLE_TO_LOCK_ROW": (
        errors.RowLocked,
        "Someone else is writing the same record in the org. Nothing was changed; try again.",
    ),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": (
        errors.ValidationRefused,
        "A validation rule of the org refuses these values.",
    ),
    "REQUIRED_FIELD_MISSING": (
        errors.ValidationRefused,
        "The org requires a field that was not given.",
    ),
    "STRING_TOO_LONG": (errors.ValidationRefused, "A value is too long for its field."),
    "DUPLICATES_DETECTED": (
        errors.ValidationRefused,
        "A duplicate rule of the org refuses these values.",
    ),
    "NOT_FOUND": (
        errors.RecordMissing,
        "The org has no such record, or the console's user may not see it.",
    ),
    "ENTITY_IS_DELETED": (errors.RecordMissing, "That record was deleted in the org."),
    "INVALID_CROSS_REFERENCE_ID": (
        errors.RecordMissing,
        "The org has no such record, or one that it refers to is gone.",
    ),
    "API_DISABLED_FOR_ORG": (
        errors.AccessRefused,
        "The org has no API access. It needs an edition or licence that includes the API.",
    ),
    "API_CURRENTLY_DISABLED": (
        errors.AccessRefused,
        "API access of the org is switched off. A Salesforce admin can switch it on.",
    ),
    "INSUFFICIENT_ACCESS": (
        errors.AccessRefused,
        "The console's user in the org lacks a permission for this.",
    ),
    "INSUFFICIENT_ACCESS_OR_READONLY": (
        errors.AccessRefused,
        "The console's user in the org may not change this record.",
    ),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": (
        errors.AccessRefused,
        "The console's user in the org may not use a record that this one refers to.",
    ),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": (
        errors.AccessRefused,
        "The console's user in the org may not write this kind of record.",
    ),
    "INVALID_TYPE": (
        errors.QueryRefused,
        "The org does not know this object, or the console's user may not see it.",
    ),
    "INVALID_FIELD": (
        errors.QueryRefused,
        "The org does not know a field, or the console's user may not see it.",
    ),
    "MALFORMED_QUERY": (errors.QueryRefused, "The org could not read the query."),
    "MALFORMED_ID": (errors.QueryRefused, "That is no id of this kind of record."),
    "INVALID_QUERY_LOCATOR": (
        errors.QueryRefused,
        "The org has forgotten the next page of a query. Reading has to start again.",
    ),
    "UNSUPPORTED_API_VERSION": (errors.VersionRetired, _RETIRED),
    "PROCESSING_HALTED": (
        errors.RolledBack,
        "Not done: another part of the same request failed, and the org undid all of it.",
    ),
    "SERVER_UNAVAILABLE": (errors.OrgUnavailable, "The org says that it is unavailable now."),
}


def error_from(status: int, content: Any, *, host: str) -> errors.CrmError:
    """The typed error for an answer that is no success. `content` is parsed JSON, or text."""
    error = _error(status, content, host=host)
    error.data |= {"http_status": status, "at": "API"}
    if isinstance(content, str):
        error.data["page"] = kind_of_page(content)
    return error


def _error(status: int, content: Any, *, host: str) -> errors.CrmError:
    code, message, fields = _first(content)
    if status == 401:
        return errors.SessionExpired(f"The session with {host} has ended.")
    if code == "REQUEST_LIMIT_EXCEEDED":
        return _limit(message, host=host)
    if code == "INVALID_SESSION_ID":  # with 403: the token lacks the scope `api`
        return errors.AccessRefused(
            "The console's app may not use the REST API. Add the scope `api` to it in the org.",
            error_code=code,
        )
    if code in _BY_CODE:
        kind, words = _BY_CODE[code]
        return kind(words, error_code=code, fields=fields)
    return _by_status(status, code, fields, host=host)


def _limit(message: str, *, host: str) -> errors.LimitReached:
    if MESSAGE_OF_CONCURRENCY in message.lower():
        return errors.ConcurrencyReached(
            f"{host} is busy with too many long requests at once. It passes within seconds.",
            error_code="REQUEST_LIMIT_EXCEEDED",
        )
    return errors.LimitReached(
        f"{host} has used up its API requests for 24 hours. They come back hour by hour; the"
        " org's API allowance can be raised with Salesforce.",
        error_code="REQUEST_LIMIT_EXCEEDED",
    )


def _by_status(status: int, code: str, fields: list[str], *, host: str) -> errors.CrmError:
    if status >= 500:
        return errors.OrgUnavailable(f"{host} is unavailable now (HTTP {status}).")
    if status == 429:
        return errors.ConcurrencyReached(f"{host} asks for fewer requests for a moment.")
    if status == 410:
        return errors.VersionRetired(_RETIRED, error_code=code)
    if not code:
        return errors.NotJson(f"{host} answered HTTP {status} with a page instead of data.")
    told: dict[str, Any] = {"error_code": code, "fields": fields}
    if status == 403:
        return errors.AccessRefused(f"{host} refused this ({code}).", **told)
    if status == 404:
        return errors.RecordMissing(f"{host} has nothing there ({code}).", **told)
    return errors.ValidationRefused(f"{host} refused the request ({code}).", **told)


def _first(content: Any) -> tuple[str, str, list[str]]:
    """Code, message and fields of the first error; save results call the code `statusCode`."""
    row = content[0] if isinstance(content, list) and content else content
    if not isinstance(row, dict):
        return "", "", []
    code = str(row.get("errorCode") or row.get("statusCode") or "")
    told = row.get("fields")
    fields = [str(each) for each in told] if isinstance(told, list) else []
    return code[:80], str(row.get("message") or ""), fields
