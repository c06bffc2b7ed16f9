"""Records in quantity, for tests of paging and of scale."""

from datetime import datetime, timedelta
from typing import Any

from apps.sandbox.org import Org, Record
from apps.sandbox.schema.registry import find_sobject
from apps.sandbox.seed.build import Builder, token_values
from apps.sandbox.seed.plans import App
from apps.sandbox.times import stamp

MOST = 100_000


def plant_more(org: Org, wanted: dict[str, Any], *, now: datetime) -> dict[str, int]:
    """Add `tokens` (to `app`, spread over users or for one `user`), `apps`, and `records`.

    Raises ValueError naming the wrong member."""
    added = {"apps": _apps(org, _number(wanted, "apps"), now=now)}
    added["tokens"] = _tokens(org, wanted, now=now)
    for name, rows in dict(wanted.get("records") or {}).items():
        sobject = find_sobject(name)
        if sobject is None or not isinstance(rows, list):
            raise ValueError(f"records: {name} must be a known object with a list of records")
        unknown = {key for row in rows for key in row if sobject.field(key) is None}
        if unknown:
            raise ValueError(f"records: {name} has no field {', '.join(sorted(unknown))}")
        added[sobject.name] = len(org.insert_many(sobject.name, rows, now=now))
    return added


def _number(wanted: dict[str, Any], name: str) -> int:
    number = wanted.get(name, 0)
    if not isinstance(number, int) or not 0 <= number <= MOST:
        raise ValueError(f"{name}: must be a whole number from 0 to {MOST}")
    return number


def _apps(org: Org, count: int, *, now: datetime) -> int:
    builder = Builder(org=org, now=now, certificate="")
    already = org.store.count("sobject:ConnectedApplication")
    for number in range(already + 1, already + count + 1):
        builder.application(
            App(name=f"Bulk App {number}", scopes=("api", "refresh_token"), description="Bulk")
        )
    return count


def _tokens(org: Org, wanted: dict[str, Any], *, now: datetime) -> int:
    count = _number(wanted, "tokens")
    if not count:
        return 0
    item = org.first("AppMenuItem", Label=str(wanted.get("app", "Heroku Sync")))
    if item is None:
        raise ValueError(f"app: there is no app named {wanted.get('app')}")
    users = _users(org, wanted.get("user"))
    rows: list[Record] = [
        token_values(
            app_name=item["Label"],
            user_id=users[number % len(users)]["Id"],
            item_id=item["Id"],
            created=stamp(now - timedelta(seconds=count - number)),
            used=stamp(now - timedelta(seconds=count - number)),
            uses=1,
        )
        for number in range(count)
    ]
    org.insert_many("OauthToken", rows, now=now)
    return count


def _users(org: Org, username: Any) -> list[Record]:
    if username is None:
        return org.records("User")
    found = org.find("User", Username=username)
    if not found:
        raise ValueError(f"user: there is no user named {username}")
    return found
