"""What an app can reach through the accounts it acts as, beside its declared purpose. Pure.

A token gives its app what its user may do, so an app reaches every object that any of its
integration accounts is given. Names of objects and fields compare without regard to case.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from apps.crm.models import SnapshotAccount, SnapshotAssignment, SnapshotPermissionSet
from apps.posture.comparison import Comparison
from apps.posture.models import AppPurpose
from apps.posture.scopes import kinds
from apps.posture.scopes.faults import ERROR, NOTE, WARNING, Fault, counted

# Permissions that reach every record of every object, whatever object permissions say.
EVERYTHING = ("Modify All Data", "View All Data")
MOST_NAMED = 50


@dataclass(slots=True)
class Reach:
    """What one account is given: letters and sets by object and by field.

    `everything` are permissions that reach every object; `is_unknown` when part of what gives it
    access could not be read, so that there may be more.
    """

    objects: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    through: dict[str, list[str]] = field(default_factory=dict)
    everything: tuple[str, ...] = ()
    is_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Reaching:
    """One app beside its purpose, and the accounts it acts as with what they reach."""

    comparison: Comparison
    accounts: tuple[tuple[SnapshotAccount, Reach], ...]


def reach_of(
    assignments: Iterable[SnapshotAssignment], sets: Mapping[str, SnapshotPermissionSet]
) -> Reach:
    """What assignments give, of the permission sets behind them."""
    found = Reach()
    held = set[str]()
    for each in assignments:
        held |= set(each.dangerous or [])
        found.is_unknown |= each.dangerous is None or not each.set_ids
        for set_id in each.set_ids:
            given = sets.get(set_id)
            if given is None or given.objects_given is None:
                found.is_unknown = True
                continue
            _add(found, given, each)
    found.everything = tuple(name for name in EVERYTHING if name in held)
    return found


def beyond_objects(purpose: AppPurpose, reach: Reach) -> list[str]:
    """Objects that are given and that a purpose does not name; one that names none leaves them
    open."""
    named = {name.casefold() for name in purpose.objects_named}
    if not named:
        return []
    return sorted(name for name in reach.objects if name.casefold() not in named)


def beyond_fields(purpose: AppPurpose, reach: Reach) -> list[str]:
    """Fields that are given and not named, of those objects of which the purpose names any."""
    named = {name.casefold() for name in purpose.fields_named}
    limited = {name.partition(".")[0] for name in named if "." in name}
    return sorted(
        name
        for name in reach.fields
        if name.partition(".")[0].casefold() in limited and name.casefold() not in named
    )


def faults_of_reach(found: Iterable[Reaching]) -> Iterator[Fault]:
    """Access beyond the declared purpose, app by app over all accounts that it acts as."""
    unknown = []
    for each in found:
        purpose = each.comparison.purpose
        if purpose is None or not (purpose.objects_named or purpose.fields_named):
            continue
        yield from _beyond(each, purpose)
        if any(reach.is_unknown for _account, reach in each.accounts):
            unknown.append(each.comparison.app.label)
    if unknown:
        yield Fault(
            kinds.REACH_UNKNOWN, "org",
            f"What {counted(len(unknown), 'app')} with a declared purpose can reach is unknown",
            NOTE, "Let the console's user read object permissions and groups; take a snapshot.",
            {"apps": sorted(unknown)[:MOST_NAMED]},
        )  # fmt: skip


def _beyond(each: Reaching, purpose: AppPurpose) -> Iterator[Fault]:
    app, whole = each.comparison.app, joined(reach for _account, reach in each.accounts)
    objects, fields = beyond_objects(purpose, whole), beyond_fields(purpose, whole)
    everything = whole.everything if purpose.objects_named else ()
    if not (objects or fields or everything):
        return
    what = "every object" if everything else _few(objects or fields)
    through = sorted({name for one in objects for name in whole.through.get(one, [])})
    yield Fault(
        kinds.GRANTED_BEYOND,
        app.app_key,
        f"{app.label} can reach {what}, beyond its purpose",
        ERROR if everything else WARNING,
        _fix(everything, objects or fields, through),
        {
            "objects": {name: whole.objects[name] for name in objects[:MOST_NAMED]},
            "fields": {name: whole.fields[name] for name in fields[:MOST_NAMED]},
            "everything_by": list(everything),
            "through": through[:MOST_NAMED],
            "accounts": [account.org_user_id for account, _reach in each.accounts][:MOST_NAMED],
        },
    )


def joined(reaches: Iterable[Reach]) -> Reach:
    """What several accounts reach together."""
    whole = Reach()
    for reach in reaches:
        for name, letters in reach.objects.items():
            whole.objects[name] = _joined(whole.objects.get(name, ""), letters)
        for name, letters in reach.fields.items():
            whole.fields[name] = _joined(whole.fields.get(name, ""), letters)
        for name, labels in reach.through.items():
            whole.through[name] = sorted({*whole.through.get(name, []), *labels})
        whole.everything = tuple(
            name for name in EVERYTHING if name in {*whole.everything, *reach.everything}
        )
        whole.is_unknown |= reach.is_unknown
    return whole


def _fix(everything: Sequence[str], names: Sequence[str], through: Sequence[str]) -> str:
    if everything:
        return (
            f"Take {' and '.join(everything)} from its accounts, or declare and approve the need."
        )
    source = f" out of {_few(through)}" if through else " from its accounts"
    return f"Take {_few(names)}{source}, or declare and approve the need."


def _add(found: Reach, given: SnapshotPermissionSet, by: SnapshotAssignment) -> None:
    for name, letters in (given.objects_given or {}).items():
        found.objects[name] = _joined(found.objects.get(name, ""), letters)
        label = f"group {by.label}" if by.via_group_id else by.label
        if label not in found.through.setdefault(name, []):
            found.through[name].append(label)
    for name, letters in (given.fields_given or {}).items():
        found.fields[name] = _joined(found.fields.get(name, ""), letters)


def _joined(before: str, more: str) -> str:
    return "".join(letter for letter in "CREDVM" if letter in before or letter in more)


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"{', '.join(names[:5])}{more}"
