"""Clients that reach an org and that its inventory does not hold. Pure.

A client is seen by its tokens, in the org's own list of apps in use, in event logs and in
sign-ins; one that is seen in several places is one finding.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from apps.crm.eventlogs.usage import AppUse
from apps.crm.models import SnapshotApp
from apps.posture.scan.hosts import tool_of
from apps.posture.scopes import kinds
from apps.posture.scopes.faults import WARNING, Fault, counted

INSTALLED = frozenset({SnapshotApp.Kind.CONNECTED_APP, SnapshotApp.Kind.EXTERNAL_CLIENT_APP})


@dataclass(slots=True)
class Stranger:
    """One client, and what was seen of it."""

    name: str
    tokens: int = 0
    calls: int = 0
    is_listed: bool = False
    signed_in_at: datetime | None = None
    users: set[str] = field(default_factory=set)

    @property
    def traces(self) -> Iterator[str]:
        """What was seen of it, in words."""
        if self.tokens:
            yield counted(self.tokens, "token")
        if self.calls:
            yield counted(self.calls, "call")
        if self.signed_in_at:
            yield f"a sign-in on {self.signed_in_at:%d %b %Y}"
        if self.is_listed and not self.tokens:
            yield "a place in the org's list of apps in use"


def find_strangers(
    apps: Iterable[SnapshotApp],
    *,
    tokens: Mapping[str, int],
    used: Iterable[AppUse],
    sign_ins: Mapping[str, datetime],
) -> list[Stranger]:
    """Every client that is seen and not installed, by name. Names compare without case."""
    apps = list(apps)
    installed = [app for app in apps if app.kind in INSTALLED]
    names = {name.casefold() for app in installed for name in (app.label, app.developer_name)}
    ids = {app.org_app_id[:15] for app in installed}
    found: dict[str, Stranger] = {}
    for name, count in tokens.items():
        if name.casefold() not in names:
            _stranger(found, name).tokens += count
    for app in apps:
        if app.kind not in INSTALLED:
            _stranger(found, app.label).is_listed = True
    for use in used:
        name = use.app_name or use.app_id
        if use.app_id[:15] not in ids and name.casefold() not in names:
            seen = _stranger(found, name)
            seen.calls += use.calls
            seen.users |= set(use.users)
    for name, at in sign_ins.items():
        if name.casefold() not in names:
            _stranger(found, name).signed_in_at = at
    return sorted(found.values(), key=lambda each: each.name.casefold())


def faults_of_strangers(found: Iterable[Stranger]) -> Iterator[Fault]:
    """Each of them as one deviation."""
    for each in found:
        tool = tool_of(each.name)
        is_tool = f" It looks like {tool}." if tool else ""
        yield Fault(
            kinds.STRANGER,
            f"app-name:{each.name}"[:255],
            f"{each.name} is no app of this org's inventory and left {_listed(list(each.traces))}",
            WARNING,
            f"Find out who uses it.{is_tool} Install and restrict it, or block it and revoke its"
            " tokens.",
            {
                "tokens": each.tokens,
                "calls": each.calls,
                "signed_in_at": each.signed_in_at.isoformat() if each.signed_in_at else None,
                "accounts": sorted(each.users)[:20],
                "recognised_as": tool or "unknown",
            },
        )


def _stranger(found: dict[str, Stranger], name: str) -> Stranger:
    return found.setdefault(name.casefold(), Stranger(name))


def _listed(parts: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]])) if parts else "no trace"
