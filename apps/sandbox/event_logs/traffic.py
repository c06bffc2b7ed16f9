"""What the org's apps did in hours gone by: made up, but the same for the same hour each time.

Busy on working days, quiet at night; each app from addresses and to objects of its own.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from apps.sandbox.event_logs.calls import LoggedCall
from apps.sandbox.event_logs.rare import rare_calls
from apps.sandbox.org import Org, Record
from apps.sandbox.times import read_stamp, stamp

_OBJECTS = ("Account", "Contact", "Case")
_NETWORKS = ("198.51.100", "203.0.113")
_USED_WITHIN = timedelta(days=45)
_MOST_AN_HOUR = 24
App = tuple[str, str, Record]


def calls_of_hour(org: Org, hour: datetime) -> Iterator[LoggedCall]:
    """The calls of every app in the hour that begins then, in the order of time."""
    apps = _apps(org)
    found = [call for app in apps for call in _calls(org, app, hour)]
    found += _by_other_apis(org, apps, hour)
    return iter(sorted(found, key=lambda call: call.at))


def _by_other_apis(org: Org, apps: list[App], hour: datetime) -> Iterator[LoggedCall]:
    """One app of the org has not moved to the REST API altogether."""
    used = [app for app in apps if _worked(app[2], hour)]
    if used:
        name, app_id, token = min(used, key=lambda app: app[0])
        user = org.record("User", token["UserId"]) or {"Id": token["UserId"]}
        yield from rare_calls(hour, app=(name, app_id), user=user, address=f"{_NETWORKS[0]}.9")


def _apps(org: Org) -> list[App]:
    """App name, app id and user of everything that holds a token."""
    items = {item["Label"]: item["ApplicationId"] for item in org.records("AppMenuItem")}
    seen: dict[tuple[str, str], Record] = {}
    for token in org.records("OauthToken"):
        if token["AppName"] in items:
            seen.setdefault((token["AppName"], token["UserId"]), token)
    return [(name, str(items[name]), token) for (name, _), token in seen.items()]


def _calls(org: Org, app: App, hour: datetime) -> Iterator[LoggedCall]:
    name, app_id, token = app
    user = org.record("User", token["UserId"]) or {}
    chance = random.Random(f"{org.spec.key}/{name}/{user.get('Username')}/{hour:%Y%m%d%H}")  # noqa: S311
    busy = random.Random(f"{org.spec.key}/{name}/{user.get('Username')}")  # noqa: S311
    base, objects = busy.randint(2, _MOST_AN_HOUR), busy.sample(_OBJECTS, busy.randint(1, 3))
    address = f"{busy.choice(_NETWORKS)}.{busy.randint(10, 60)}"
    if not _worked(token, hour):
        return
    for _ in range(round(base * _share(hour) * chance.uniform(0.8, 1.2))):
        entity = chance.choice(objects)
        at = hour + timedelta(seconds=chance.uniform(0, 3599))
        yield LoggedCall(
            at=stamp(at),
            request_id=f"4{chance.getrandbits(120):030x}"[:22],
            user_id=str(token["UserId"]),
            user_name=str(user.get("Username", "")),
            app_id=app_id,
            app_name=name,
            address=address,
            method=chance.choice(("GET", "GET", "GET", "PATCH")),
            resource=f"/v62.0/{'query' if chance.random() < 0.6 else f'sobjects/{entity}'}",
            version="62.0",
            entity=entity,
            status=200,
            rows=chance.randint(1, 200),
        )


def _worked(token: Record, hour: datetime) -> bool:
    """Whether the token was in use around then: not before it was made, nor long after its last
    use."""
    last = token.get("LastUsedDate")
    if not last or hour < read_stamp(str(token["CreatedDate"])):
        return False
    return hour <= read_stamp(str(last)) + timedelta(days=1) and (
        read_stamp(str(last)) - hour < _USED_WITHIN
    )


def _share(hour: datetime) -> float:
    if hour.weekday() >= 5:
        return 0.15
    return 1.0 if 7 <= hour.hour < 19 else 0.25
