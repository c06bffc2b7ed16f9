"""What many orgs refuse to tell: read where it can be, unknown where not.

A snapshot is complete without it. Each read stands alone, so that one refusal costs the others
nothing; None stands for what was not told.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.crm import errors
from apps.crm.inventory import fields, ranges, reach, usage
from apps.crm.inventory.packed import Record
from apps.crm.inventory.reading import STOPS, Source
from apps.crm.session import Org

Sources = Mapping[str, Source]
NOT_UNDERSTOOD = "The org answered in a form that is not known here."


@dataclass
class Beside:
    """The optional reads of one org. `refused` says in words why a part is missing."""

    client_ranges: dict[str, list[str]] | None = None
    """Address ranges of external client apps, by the id of their settings."""
    login_ranges: dict[str, list[str]] = field(default_factory=dict)
    """Login ranges by profile; an absent profile is unknown."""
    trusted_ranges: list[str] | None = None
    used_apps: list[Record] | None = None
    objects_given: dict[str, dict[str, str]] | None = None
    fields_given: dict[str, dict[str, str]] | None = None
    fields: list[Record] = field(default_factory=list)
    fields_unread: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """What a snapshot keeps of it besides its rows."""
        return {
            "trusted_ranges": self.trusted_ranges,
            "fields_unread": self.fields_unread,
            "refused": self.refused,
        }


def read_beside(org: Org, sources: Sources, found: Beside, *, watched: Iterable[str]) -> None:
    """Read every part; the first error that would stop all the others ends it."""
    named = sorted(set(watched))
    sets = _sets_held(sources)
    parts: dict[str, Callable[[], None]] = {
        "client_ranges": lambda: _set(found, "client_ranges", ranges.of_client_apps(org)),
        "login_ranges": lambda: _set(
            found, "login_ranges", ranges.of_profiles(org, _profiles(sources))
        ),
        "trusted_ranges": lambda: _set(found, "trusted_ranges", ranges.trusted(org)),
        "used_apps": lambda: _set(found, "used_apps", usage.read_usage(org)),
        "objects_given": lambda: _set(found, "objects_given", reach.objects_of(org, sets)),
        "fields_given": lambda: _set(found, "fields_given", reach.fields_of(org, sets, named)),
        "fields": lambda: _fields(org, found, named),
    }
    for name, read in parts.items():
        try:
            read()
        except errors.CrmError as error:
            found.refused[name] = error.message
            if isinstance(error, STOPS):
                return
        except (AttributeError, KeyError, TypeError, ValueError):
            found.refused[name] = NOT_UNDERSTOOD  # never a reason to lose the whole snapshot


def _set(found: Beside, name: str, value: object) -> None:
    setattr(found, name, value)


def _fields(org: Org, found: Beside, named: list[str]) -> None:
    found.fields, found.fields_unread = fields.read_fields(org, named)


def _profiles(sources: Sources) -> set[str]:
    """The profiles of everyone an app may act as."""
    return {str(row["ProfileId"]) for row in sources["User"].rows if row.get("ProfileId")}


def _sets_held(sources: Sources) -> list[str]:
    """The sets behind all assignments, groups' members among them."""
    held, groups = set[str](), set[str]()
    for row in sources["PermissionSetAssignment"].rows:
        if row.get("PermissionSetGroupId"):
            groups.add(str(row["PermissionSetGroupId"]))
        elif row.get("PermissionSetId"):
            held.add(str(row["PermissionSetId"]))
    known = {str(row["Id"]) for row in sources["PermissionSet"].rows}
    for row in sources["PermissionSetGroupComponent"].rows:
        if str(row["PermissionSetGroupId"]) in groups:
            held.add(str(row["PermissionSetId"]))
    return sorted(held & known)
