"""The sandbox's own routes: faults, state, seeding and time. They need the admin key."""

import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from apps.sandbox.errors import ApiError
from apps.sandbox.event_logs.files import deliver_again, deliver_hour
from apps.sandbox.faults import Faults
from apps.sandbox.oauth.codes import new_code
from apps.sandbox.oauth.consumers import consumer_of_app, find_consumer
from apps.sandbox.oauth.tokens import grant_for, issue_access
from apps.sandbox.org import Org, known_sobject
from apps.sandbox.schema.registry import SOBJECTS
from apps.sandbox.seed.bulk import plant_more
from apps.sandbox.seed.plant import replant
from apps.sandbox.wire import Answer, Call, no_content

PREFIX = "/_sandbox/"
_KEY_HEADER = "x-sandbox-admin"


def refused(call: Call, admin_key: str) -> Answer | None:
    """The refusal of a call without the admin key, or None when it has it."""
    given = call.headers.get(_KEY_HEADER, "")
    if hmac.compare_digest(given.encode(), admin_key.encode()):
        return None
    return problem(403, "the header X-Sandbox-Admin must carry the admin key")


def problem(status: int, detail: str) -> Answer:
    return Answer(status=status, body={"detail": detail})


def serve_faults(faults: Faults, call: Call) -> Answer:
    """Switch a fault on (POST), list those on (GET) or switch all off (DELETE)."""
    if call.method == "POST":
        try:
            fault = faults.add(call.json_object())
        except (ValueError, TypeError) as error:
            return problem(400, str(error))
        except ApiError as error:
            return problem(400, error.message)
        return Answer(status=201, body=fault.describe())
    if call.method == "DELETE":
        faults.clear()
        return no_content()
    return Answer(body={"faults": [fault.describe() for fault in faults.active]})


def serve_admin(org: Org, call: Call, *, certificate: str) -> Answer:
    """Answer one admin request."""
    denied = refused(call, org.setting("admin_key"))
    if denied is not None:
        return denied
    name = call.path.removeprefix(PREFIX)
    if name == "faults":
        return serve_faults(org.faults, call)
    if name == "reset" and call.method == "POST":
        replant(org, certificate=certificate, now=call.now)
        return no_content()
    handler = _ROUTES.get((call.method, name))
    if handler is None:
        return problem(404, f"there is no admin route {call.method} {call.path}")
    try:
        return handler(org, call)
    except (ValueError, TypeError, KeyError) as error:
        return problem(400, str(error))
    except ApiError as error:
        return problem(error.status, error.message)


def _state(org: Org, call: Call) -> Answer:
    records = {sobject.name: len(org.records(sobject.name)) for sobject in SOBJECTS}
    return Answer(
        body={
            "org_id": org.spec.id,
            "counts": dict(org.counts),
            "requests": org.counts["requests"],
            "token_requests": org.counts["token_requests"],
            "api_calls": org.counts["api_calls"],
            "live_access_tokens": org.store.count("access"),
            "records": records,
            "faults": [fault.describe() for fault in org.faults.active],
        }
    )


def _requests(org: Org, call: Call) -> Answer:
    return Answer(body={"count": org.counts["requests"]})


def _seed(org: Org, call: Call) -> Answer:
    return Answer(status=201, body=plant_more(org, call.json_object(), now=call.now))


def _change(org: Org, call: Call) -> Answer:
    """Change records past all rules, as an administrator elsewhere might have."""
    wanted = call.json_object()
    sobject = known_sobject(str(wanted.get("sobject")))
    values = dict(wanted["values"])
    unknown = [name for name in values if sobject.field(name) is None]
    if unknown:
        raise ValueError(f"values: {sobject.name} has no field {', '.join(unknown)}")
    matches = org.find(sobject.name, **dict(wanted.get("where") or {}))
    for record in matches:
        org.update(sobject.name, record["Id"], values, now=call.now)
    return Answer(body={"changed": len(matches)})


def _events(org: Org, call: Call) -> Answer:
    wanted = call.query.get("type")
    events = [each for each in org.store.all("event") if wanted in {None, each["type"]}]
    return Answer(body={"events": events})


def _apps(org: Org, call: Call) -> Answer:
    found = [find_consumer(org, key) for key in org.store.keys("consumer")]
    apps = [
        {
            "name": each.app_name,
            "app_id": each.app_id,
            "consumer_key": each.key,
            "consumer_secret": each.secret,
        }
        for each in found
        if each
    ]
    return Answer(body={"apps": apps})


def _authorize(org: Org, call: Call) -> Answer:
    """What a user's consent would bring: tokens, or (with `redirect_uri`) a code for them."""
    wanted = call.json_object()
    consumer = consumer_of_app(org, str(wanted.get("app")))
    user = org.first("User", Username=wanted.get("username"))
    if consumer is None or user is None:
        raise ValueError("app and username must name an app and a user of this org")
    if redirect_uri := wanted.get("redirect_uri"):
        challenge = str(wanted.get("code_challenge", ""))
        code = new_code(
            org, consumer, user, redirect_uri=str(redirect_uri), challenge=challenge, now=call.now
        )
        return Answer(body={"code": code})
    grant = grant_for(org, consumer, user, now=call.now, refreshable=True)
    answer = issue_access(org, consumer, user, grant, now=call.now)
    return Answer(body=answer | {"refresh_token": grant["AccessToken"], "grant_id": grant["Id"]})


def _clock(org: Org, call: Call) -> Answer:
    seconds = int(call.json_object().get("advance_seconds", 0))
    return Answer(body={"offset_seconds": org.store.add("counter", "clock_offset", seconds)})


def _expire(org: Org, call: Call) -> Answer:
    """End every access token, as if all sessions had timed out."""
    tokens = org.store.keys("access")
    for token in tokens:
        org.store.remove("access", token)
    return Answer(body={"expired": len(tokens)})


def _limits(org: Org, call: Call) -> Answer:
    wanted: dict[str, Any] = call.json_object()
    if "daily_api_requests" in wanted:
        total = int(wanted["daily_api_requests"])
        org.store.put("counter", "daily_api_requests", {"value": total})
    if "used" in wanted:
        org.store.put("api_calls", f"{call.now:%Y-%m-%d}", {"value": int(wanted["used"])})
    return no_content()


def _event_logs(org: Org, call: Call) -> Answer:
    """Deliver the files of the running hour, or one more `hours` ago; or one file `again`."""
    wanted = call.json_object()
    if again := wanted.get("again"):
        record = org.record("EventLogFile", str(again))
        if record is None:
            raise ValueError("again: there is no event log file of this id")
        deliver_again(org, record, now=call.now)
        return Answer(body={"files": [record["Id"]]})
    hour = call.now - timedelta(hours=int(wanted.get("hours", 0)))
    made = deliver_hour(org, hour=hour, now=call.now)
    return Answer(status=201, body={"files": [record["Id"] for record in made]})


_ROUTES: dict[tuple[str, str], Callable[[Org, Call], Answer]] = {
    ("GET", "state"): _state,
    ("GET", "requests"): _requests,
    ("POST", "seed"): _seed,
    ("POST", "change"): _change,
    ("GET", "events"): _events,
    ("GET", "apps"): _apps,
    ("POST", "authorize"): _authorize,
    ("POST", "clock"): _clock,
    ("POST", "expire"): _expire,
    ("POST", "limits"): _limits,
    ("POST", "event_logs"): _event_logs,
}
