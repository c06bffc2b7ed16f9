"""Everything about a snapshot that its judges need, read at once."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from apps.crm.anomalies.models import Sighting
from apps.crm.eventlogs.usage import Usage
from apps.crm.models import (
    Connection,
    Snapshot,
    SnapshotAccount,
    SnapshotApp,
    SnapshotAssignment,
    SnapshotField,
    SnapshotPermissionSet,
    SnapshotToken,
)
from apps.posture import selectors
from apps.posture.comparison import Comparison
from apps.posture.models import AppPurpose
from apps.posture.scopes import kinds
from apps.posture.scopes.fencing import Fence, Fenced
from apps.posture.scopes.holding import Account, account_of
from apps.posture.scopes.keeping import Classes
from apps.posture.scopes.reaching import Reach, Reaching, reach_of
from apps.posture.scopes.strangers import INSTALLED, Stranger, find_strangers
from apps.residency import selectors as residency
from apps.residency.errors import PolicyUnreadable
from apps.residency.models import Zone


@dataclass(frozen=True, slots=True)
class Seen:
    """What a snapshot shows, beside purposes, zones and use."""

    snapshot: Snapshot
    comparisons: list[Comparison]
    accounts: list[Account]
    fence: Fence
    fenced: list[Fenced]
    reaching: list[Reaching]
    strangers: list[Stranger]
    fields: list[SnapshotField]
    classes: Classes

    @property
    def fields_unread(self) -> dict[str, str]:
        """Why objects' fields are unknown, by object."""
        refused = self.snapshot.beside.get("refused", {}).get("fields", "")
        if refused:
            return dict.fromkeys(self.snapshot.connection.watched_objects, refused)
        return dict(self.snapshot.beside.get("fields_unread", {}))


def read_seen(snapshot: Snapshot, usage: Usage) -> Seen:
    """A constant number of queries, whatever the org's size."""
    comparisons = selectors.compare_snapshot(snapshot, usage=usage)
    accounts = accounts_of(snapshot)
    held = accounts_by_app(snapshot)
    reached = reaches_of(snapshot, accounts)
    fences = Fences(snapshot.connection)
    return Seen(
        snapshot=snapshot,
        comparisons=comparisons,
        accounts=accounts,
        fence=fences.of(None),
        fenced=[
            Fenced(each.app, fences.of(each.purpose), tuple(held[each.app.pk]))
            for each in comparisons
            if each.app.kind in INSTALLED
        ],
        reaching=[
            Reaching(
                each,
                tuple((row, reached[row.pk]) for row in held[each.app.pk] if row.pk in reached),
            )
            for each in comparisons
        ],
        strangers=_strangers(snapshot, comparisons, usage),
        fields=list(SnapshotField.objects.filter(snapshot=snapshot)),
        classes=policy_classes(),
    )


def accounts_of(snapshot: Snapshot, *, only_integration: bool = True) -> list[Account]:
    """A snapshot's accounts with what they hold, the far-reaching first."""
    rows = SnapshotAccount.objects.filter(snapshot=snapshot)
    if only_integration:
        rows = rows.filter(is_integration=True)
    given: dict[object, list[SnapshotAssignment]] = {}
    for each in SnapshotAssignment.objects.filter(account__in=rows).select_related("account"):
        given.setdefault(each.account_id, []).append(each)
    found = [account_of(row, given.get(row.pk, [])) for row in rows]
    return sorted(found, key=lambda each: (-len(each.dangerous), each.is_known, each.row.pk.hex))


def accounts_by_app(snapshot: Snapshot) -> Mapping[object, list[SnapshotAccount]]:
    """The accounts that each app acts as: holders of its tokens, and its own one. Without names."""
    accounts = SnapshotAccount.objects.filter(snapshot=snapshot).defer("username", "name")
    rows = {each.org_user_id: each for each in accounts}
    pairs = SnapshotToken.objects.filter(snapshot=snapshot).values_list("app_name", "user_id")
    users: dict[str, set[str]] = defaultdict(set)
    for name, user in pairs.distinct():
        users[name].add(user)
    found: dict[object, list[SnapshotAccount]] = defaultdict(list)
    for app in SnapshotApp.objects.filter(snapshot=snapshot):
        named = (users[app.label] | {app.runs_as}) & rows.keys()
        found[app.pk] = [rows[user] for user in sorted(named)]
    return found


def reaches_of(snapshot: Snapshot, accounts: Iterable[Account]) -> dict[object, Reach]:
    """What each account is given on objects and fields."""
    sets = {row.set_id: row for row in SnapshotPermissionSet.objects.filter(snapshot=snapshot)}
    return {each.row.pk: reach_of(each.assignments, sets) for each in accounts}


def reach_of_accounts(rows: Sequence[SnapshotAccount]) -> dict[object, Reach]:
    """What accounts of one snapshot are given on objects and fields, in two queries."""
    given: dict[object, list[SnapshotAssignment]] = {row.pk: [] for row in rows}
    for held in SnapshotAssignment.objects.filter(account__in=rows):
        given[held.account_id].append(held)
    ids = {each for held in given.values() for one in held for each in one.set_ids}
    sets = SnapshotPermissionSet.objects.filter(
        snapshot__in={row.snapshot_id for row in rows}, set_id__in=ids
    )
    known = {each.set_id: each for each in sets}
    return {key: reach_of(held, known) for key, held in given.items()}


def unknown_in(seen: Seen) -> set[tuple[str, str]]:
    """Findings that this look could neither show nor miss, by kind and subject."""
    keys = {each.app.app_key for each in seen.fenced if each.is_unknown}
    return {(kind, key) for kind in (kinds.ANY_ADDRESS, kinds.OUTSIDE_ZONE) for key in keys}


class Fences:
    """The ranges in force for an app: those of its purpose's zones, else of its org's zone."""

    def __init__(self, connection: Connection) -> None:
        self.zone = connection.zone
        self.zones = {zone.slug: zone for zone in Zone.objects.all()}
        try:
            policy = residency.compiled_policy()
        except PolicyUnreadable:
            policy = None
        self.places = policy.places if policy else {}

    def of(self, purpose: AppPurpose | None) -> Fence:
        """The fence of an app with that purpose."""
        slugs = purpose.zones if purpose else []
        zones = [self.zones[slug] for slug in slugs if slug in self.zones] or [self.zone]
        names = " and ".join(sorted(zone.name for zone in zones))
        places = [self.places.get(str(zone.pk)) for zone in zones]
        if any(place is None for place in places):
            return Fence(names, None)
        networks = {network for place in places if place for network in place.networks}
        return Fence(names, tuple(sorted(networks)))


def _strangers(snapshot: Snapshot, comparisons: list[Comparison], usage: Usage) -> list[Stranger]:
    tokens = SnapshotToken.objects.filter(snapshot=snapshot).values_list("app_name")
    sighted = Sighting.objects.filter(
        connection=snapshot.connection, kind=Sighting.Kind.CLIENT, last_at__gte=usage.since
    )
    signed_in: dict[str, datetime] = dict(sighted.values_list("name", "last_at"))
    return find_strangers(
        (each.app for each in comparisons),
        tokens=Counter(dict(tokens.annotate(count=Count("pk")))),
        used=usage.apps,
        sign_ins=signed_in,
    )


def policy_classes() -> Classes:
    """The tenant's own classes of fields in force; none where they cannot be read."""
    try:
        policy = residency.compiled_policy()
    except PolicyUnreadable:
        return {}
    return policy.classes if policy else {}
