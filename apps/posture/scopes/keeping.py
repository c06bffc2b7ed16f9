"""Fields of declared purposes' objects: restricted, yet kept in the clear. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from apps.crm.models import SnapshotField
from apps.posture.scan.metadata.data import RESTRICTED
from apps.posture.scopes import kinds
from apps.posture.scopes.faults import ERROR, NOTE, WARNING, Fault, counted

GRAVEST = frozenset({"MissionCritical", "never"})
Classes = Mapping[tuple[str, str], str]
"""The tenant's own classes (fit, restricted, never) by object and field."""


def faults_of_fields(
    rows: Iterable[SnapshotField], classes: Classes, unread: Mapping[str, str]
) -> Iterator[Fault]:
    """Restricted fields that are not encrypted; and what could not be read, object by object.

    Restricted is what the org classifies so, and what the tenant's policy does.
    """
    hidden: dict[str, list[str]] = {}
    for row in rows:
        level = level_of(row, classes)
        if not level or row.calculated or row.encrypted:
            continue
        if row.encrypted is None:
            hidden.setdefault(row.object_name, []).append(row.field_name)
        else:
            yield _plain(row, level)
    for name, fields in sorted(hidden.items()):
        yield _unknown(
            name,
            f"Whether {counted(len(fields), 'restricted field')} of {name} is encrypted is unknown",
            "Let the console's user see these fields, and take a snapshot.",
            sorted(fields),
        )
    for name, why in sorted(unread.items()):
        if name not in hidden:
            yield _unknown(name, f"How the fields of {name} are kept is unknown", why, [])


def level_of(row: SnapshotField, classes: Classes) -> str:
    """What makes a field restricted, in the word of whoever said it; empty when nobody did."""
    if row.classification in RESTRICTED:
        return row.classification
    own = classes.get((row.object_name, row.field_name), "")
    return own if own in {"restricted", "never"} else ""


def _plain(row: SnapshotField, level: str) -> Fault:
    named = f"{row.object_name}.{row.field_name}"
    said = "the org" if row.classification in RESTRICTED else "your policy"
    return Fault(
        kinds.UNENCRYPTED,
        f"field:{named}",
        f"{named} is classified {level} and is not encrypted",
        ERROR if level in GRAVEST else WARNING,
        "Encrypt it with Shield Platform Encryption, or take it out of the org.",
        {"classified_by": said, "classification": level, "compliance": row.compliance},
    )


def _unknown(name: str, title: str, fix: str, fields: list[str]) -> Fault:
    kind = kinds.ENCRYPTION_UNKNOWN
    return Fault(kind, f"object:{name}", title, NOTE, fix, {"fields": fields[:50]})
