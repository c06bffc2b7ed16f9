"""From where apps and their accounts may be used, beside the ranges of their zone. Pure.

An app that enforces IP restrictions is held to its own ranges and to the login ranges of its
users' profiles (Salesforce help, "Configure IP Restrictions"); one that relaxes them is held to
none. Ranges are "first-last", networks are CIDR.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from apps.crm.models import SnapshotAccount, SnapshotApp
from apps.posture.scopes import kinds
from apps.posture.scopes.faults import ERROR, NOTE, WARNING, Fault, counted

ENFORCED = "Enforce"
Span = tuple[int, int, int]  # version, first, last


@dataclass(frozen=True, slots=True)
class Fence:
    """The zones something belongs to, and the ranges in force there; None is unknown."""

    zones: str
    networks: tuple[str, ...] | None

    @property
    def words(self) -> str:
        """What addresses belong there, for people."""
        if self.networks is None:
            return f"No policy in force holds the zone {self.zones}."
        if not self.networks:
            return f"The zone {self.zones} names no address ranges yet; name them on its page."
        return f"The ranges of {self.zones} are {', '.join(self.networks)}."


@dataclass(frozen=True, slots=True)
class Fenced:
    """One app with the fence of its purpose or org, and the accounts it acts as."""

    app: SnapshotApp
    fence: Fence
    accounts: tuple[SnapshotAccount, ...]

    @property
    def is_unknown(self) -> bool:
        """Whether the org does not tell enough to say from where the app may be used."""
        if not self.app.ip_relaxation:
            return True
        return self.app.ip_relaxation == ENFORCED and self.app.ip_ranges is None

    @property
    def is_open(self) -> bool:
        """Whether it is enforced in name only: no range of its own, nor of any profile."""
        told = [account.login_ranges for account in self.accounts]
        return self.app.ip_ranges == [] and (not told or any(ranges == [] for ranges in told))


def outside(ranges: Iterable[str], networks: Sequence[str]) -> list[str]:
    """The ranges that reach beyond the networks; one that cannot be read is among them."""
    inside = _merged(networks)
    return [each for each in ranges if not _covered(each, inside)]


def faults_of_fences(found: Iterable[Fenced]) -> Iterator[Fault]:
    """Apps that may be used from anywhere, or from beyond the ranges of their zone."""
    unknown = []
    for each in found:
        if each.is_unknown:
            unknown.append(each.app.label)
        elif each.app.ip_relaxation != ENFORCED:
            yield _relaxed(each)
        elif each.app.ip_ranges and each.fence.networks:
            yield from _beyond(each)
        elif each.is_open:
            yield _without(each)
    if unknown:
        yield Fault(
            kinds.ADDRESSES_UNKNOWN, "org",
            f"From where {counted(len(unknown), 'app')} may be used is unknown", NOTE,
            "Look at their IP restrictions in Setup; this org does not tell them over its API.",
            {"apps": sorted(unknown)[:50]},
        )  # fmt: skip


def faults_of_profiles(accounts: Iterable[SnapshotAccount], fence: Fence) -> Iterator[Fault]:
    """Login ranges of integration accounts' profiles that reach beyond the org's zone."""
    profiles = {each.profile: each.login_ranges for each in accounts if each.is_integration}
    for name, ranges in sorted(profiles.items()):
        if not ranges or not fence.networks or not (beyond := outside(ranges, fence.networks)):
            continue
        yield Fault(
            kinds.PROFILE_OUTSIDE, f"profile:{name}"[:255],
            f"Profile {name} lets integrations sign in from outside {fence.zones}", WARNING,
            f"Take {_few(beyond)} out of the profile's login ranges. {fence.words}",
            {"outside": beyond[:50], "ranges": list(fence.networks)},
        )  # fmt: skip


def faults_of_trusted(trusted: Sequence[str] | None, fence: Fence) -> Iterator[Fault]:
    """Trusted ranges of the org, from which nobody is asked to prove themselves again."""
    beyond = outside(trusted or [], fence.networks) if fence.networks else []
    if beyond:
        yield Fault(
            kinds.TRUSTED_OUTSIDE, "org",
            f"The org trusts addresses outside {fence.zones}: {_few(beyond)}", WARNING,
            f"Remove them under Network Access in Setup. {fence.words}",
            {"outside": beyond[:50], "ranges": list(fence.networks or ())},
        )  # fmt: skip


def _relaxed(each: Fenced) -> Fault:
    app = each.app
    return Fault(
        kinds.ANY_ADDRESS, app.app_key, f"{app.label} may be used from any address", WARNING,
        f"Enforce IP restrictions in the app's policy, with ranges of its zone only."
        f" {each.fence.words}",
        {"policy": app.ip_relaxation, "ranges": list(each.fence.networks or ())},
    )  # fmt: skip


def _without(each: Fenced) -> Fault:
    app = each.app
    profiles = sorted({one.profile for one in each.accounts if one.login_ranges == []})
    several = "nor have profiles" if len(profiles) > 1 else "nor has profile"
    told = f", {several} {_few(profiles)}" if profiles else ""
    return Fault(
        kinds.ANY_ADDRESS, app.app_key,
        f"{app.label} may be used from any address: it enforces restrictions but names no range",
        WARNING, f"It has no ranges of its own{told}. Give it ranges. {each.fence.words}",
        {"policy": app.ip_relaxation, "profiles": profiles},
    )  # fmt: skip


def _beyond(each: Fenced) -> Iterator[Fault]:
    app, networks = each.app, each.fence.networks or ()
    beyond = outside(app.ip_ranges or [], networks)
    if beyond:
        yield Fault(
            kinds.OUTSIDE_ZONE, app.app_key,
            f"{app.label} may be used from {_few(beyond)}, outside {each.fence.zones}", ERROR,
            f"Take {_few(beyond)} out of the app's ranges. {each.fence.words}",
            {"outside": beyond[:50], "allowed": (app.ip_ranges or [])[:50],
             "ranges": list(networks)},
        )  # fmt: skip


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{more}"


def _merged(networks: Sequence[str]) -> list[Span]:
    """Networks as spans of addresses, neighbours joined."""
    parsed = (ip_network(each) for each in networks)
    spans = sorted(
        (each.version, int(each.network_address), int(each.broadcast_address)) for each in parsed
    )
    merged: list[Span] = []
    for version, first, last in spans:
        if merged and merged[-1][0] == version and first <= merged[-1][2] + 1:
            merged[-1] = (version, merged[-1][1], max(last, merged[-1][2]))
        else:
            merged.append((version, first, last))
    return merged


def _covered(told: str, inside: Sequence[Span]) -> bool:
    try:
        first, last = (ip_address(each) for each in told.split("-"))
    except ValueError:
        return False
    return first.version == last.version and any(
        version == first.version and low <= int(first) <= int(last) <= high
        for version, low, high in inside
    )
