"""Where the REST resources hang."""

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import unquote

from apps.sandbox.errors import ApiError, method_not_allowed, not_found
from apps.sandbox.event_logs.calls import note_call
from apps.sandbox.oauth.tokens import session_of_header
from apps.sandbox.org import Org
from apps.sandbox.rest import (
    approvals,
    collections,
    credentials,
    describe,
    event_logs,
    events,
    limits,
    queries,
    records,
    resources,
    tree,
    usage,
    versions,
)
from apps.sandbox.rest.bulk import routes as bulk
from apps.sandbox.rest.composite import composite
from apps.sandbox.rest.context import TOOLING, Context
from apps.sandbox.wire import Answer, Call

ROOT = "/services/data"
_VERSIONED = re.compile(r"(/services/data/(v[^/]+))(/.*)?")
Handler = Callable[..., Answer]


def serve_data(org: Org, call: Call) -> Answer | None:
    """Answer a REST request, or None when the path is not of the REST API."""
    if call.path == ROOT:
        return versions.version_list()
    match = _VERSIONED.fullmatch(call.path)
    if match is None:
        return None
    try:
        versions.check_version(match[2])
        authorization = call.headers.get("authorization", "")
        session = session_of_header(org, authorization, now=call.now)
        limits.check_allowance(org, call.now)
    except ApiError as error:
        return Answer(status=error.status, body=error.body())
    usage_header = limits.count_call(org, call.now)
    org.counts["api_calls"] += 1
    context = Context(org=org, session=session, call=call, base=match[1])
    answer = _answer(context, match[3] or "")
    note_call(org, session, call, answer)
    headers = {"Sforce-Limit-Info": usage_header, **answer.headers}
    return Answer(
        status=answer.status,
        body=answer.body,
        content_type=answer.content_type,
        headers=headers,
    )


def _answer(context: Context, tail: str) -> Answer:
    try:
        return dispatch(context, tail)
    except ApiError as error:
        return Answer(status=error.status, body=error.body())


def dispatch(context: Context, tail: str) -> Answer:
    """Find the handler for a path within a version. Raises ApiError."""
    if tail.startswith(f"{TOOLING}/"):
        context, tail = replace(context, base=context.base + TOOLING), tail.removeprefix(TOOLING)
    for pattern, methods in _ROUTES:
        match = pattern.fullmatch(tail)
        if match is None:
            continue
        handler = methods.get("GET" if context.call.method == "HEAD" else context.call.method)
        if handler is None:
            raise method_not_allowed(context.call.method, ",".join(sorted(methods)))
        return handler(context, *(unquote(part) for part in match.groups()))
    raise not_found()


def _composite(context: Context) -> Answer:
    return composite(context, dispatch)


_TABLE: tuple[tuple[str, dict[str, Handler]], ...] = (
    ("", {"GET": versions.root}),
    ("/tooling", {"GET": versions.root}),
    ("/limits", {"GET": limits.limits}),
    ("/limits/recordCount", {"GET": limits.record_count}),
    ("/query", {"GET": queries.query}),
    ("/queryAll", {"GET": queries.query_all}),
    ("/(?:query|queryAll)/([^/]+)", {"GET": queries.query_more}),
    ("/composite", {"POST": _composite}),
    ("/composite/tree/([^/]+)", {"POST": tree.create_tree}),
    (
        "/composite/sobjects",
        {
            "POST": collections.insert_many,
            "PATCH": collections.update_many,
            "DELETE": collections.delete_many,
        },
    ),
    ("/composite/sobjects/([^/]+)", {"GET": collections.read_many, "POST": collections.read_many}),
    ("/composite/sobjects/([^/]+)/([^/]+)", {"PATCH": collections.upsert_many}),
    *bulk.TABLE,
    ("/process/approvals", {"GET": approvals.definitions, "POST": approvals.approve}),
    ("/process/rules", {"GET": approvals.rules}),
    ("/sobjects", {"GET": describe.describe_global}),
    (f"/sobjects/({events.EVENT_NAME.pattern})", {"POST": events.publish}),
    (
        "/sobjects/([^/]+)",
        {"GET": describe.basic_information, "POST": records.create_record},
    ),
    ("/sobjects/([^/]+)/describe", {"GET": describe.describe}),
    ("/sobjects/EventLogFile/([^/]+)/LogFile", {"GET": event_logs.log_file}),
    ("/sobjects/StaticResource/([^/]+)/Body", {"GET": resources.body}),
    (
        "/sobjects/([^/]+)/([^/]+)",
        {
            "GET": records.get_record,
            "PATCH": records.update_record,
            "DELETE": records.delete_record,
        },
    ),
    (
        "/sobjects/([^/]+)/([^/]+)/([^/]+)",
        {"GET": records.get_by_external_id, "PATCH": records.upsert},
    ),
    ("/named-credentials/named-credential-setup", {"GET": credentials.named_credentials}),
    ("/named-credentials/named-credential-setup/([^/]+)", {"GET": credentials.named_credential}),
    ("/named-credentials/external-credentials", {"GET": credentials.external_credentials}),
    ("/named-credentials/external-credentials/([^/]+)", {"GET": credentials.external_credential}),
    ("/apps/oauth/usage", {"GET": usage.list_apps}),
    ("/apps/oauth/usage/tokens/([^/]+)", {"DELETE": usage.delete_token}),
    ("/apps/oauth/usage/([^/]+)/users", {"GET": usage.list_users}),
    ("/apps/oauth/usage/([^/]+)/tokens", {"DELETE": usage.delete_app_tokens}),
    (
        "/apps/oauth/usage/([^/]+)/([^/]+)/tokens",
        {"GET": usage.list_tokens, "DELETE": usage.delete_user_tokens},
    ),
)
_ROUTES = tuple((re.compile(pattern), methods) for pattern, methods in _TABLE)
