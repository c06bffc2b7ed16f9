"""The least permission set that covers what an account was seen doing. Never applied by itself."""

from dataclasses import dataclass
from xml.sax.saxutils import escape

from apps.crm.eventlogs.usage import Usage

_EDITS = frozenset({"POST", "PUT", "PATCH", "INSERT", "UPDATE", "UPSERT", "CREATE"})
_DELETES = frozenset({"DELETE", "HARDDELETE"})


@dataclass(frozen=True, slots=True)
class Proposal:
    """Objects and verbs that were seen, or why nothing can be proposed (`unknown`).

    Logs name objects and verbs of an app's calls apart, so each object gets every verb seen:
    enough for all observed use, and perhaps more than each object needs.
    """

    objects: tuple[str, ...]
    edits: bool
    deletes: bool
    apps: tuple[str, ...]
    window: str
    unknown: str

    @property
    def verbs(self) -> str:
        named = ["read", *(["create", "edit"] if self.edits else [])]
        return ", ".join([*named, *(["delete"] if self.deletes else [])])


def propose(usage: Usage, user_id: str) -> Proposal:
    """What covers the observed use of one account in a window."""
    own = [
        use for use in usage.apps if any(user[:15] == user_id[:15] for user in use.users if user)
    ]
    verbs = {verb.upper() for use in own for verb in use.verbs}
    objects = sorted({name for use in own for name in use.objects})
    return Proposal(
        objects=tuple(objects),
        edits=bool(verbs & _EDITS),
        deletes=bool(verbs & _DELETES),
        apps=tuple(use.app_name or use.app_id for use in own),
        window=_window(usage),
        unknown=_unknown(usage, objects),
    )


def permission_set_xml(proposal: Proposal) -> str:
    """The proposal as a permission set in metadata format (Metadata API, PermissionSet)."""
    note = f"Proposed from observed use. {proposal.window} {proposal.unknown}".strip()
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata">',
        f"    <description>{escape(note[:255])}</description>",
        "    <hasActivationRequired>false</hasActivationRequired>",
        "    <label>Least access, proposed</label>",
    ]
    for name in proposal.objects:
        lines += _object(name, proposal)
    return "\n".join([*lines, "</PermissionSet>", ""])


def _object(name: str, proposal: Proposal) -> list[str]:
    may = {
        "allowCreate": proposal.edits,
        "allowDelete": proposal.deletes,
        "allowEdit": proposal.edits or proposal.deletes,  # the platform wants Edit for Delete
        "allowRead": True,
        "modifyAllRecords": False,
    }
    flags = [f"        <{key}>{str(value).lower()}</{key}>" for key, value in may.items()]
    return [
        "    <objectPermissions>",
        *flags,
        f"        <object>{escape(name)}</object>",
        "        <viewAllRecords>false</viewAllRecords>",
        "    </objectPermissions>",
    ]


def _window(usage: Usage) -> str:
    if not usage.observed:
        return "No event logs were taken."
    first, last = usage.observed[0][0], usage.observed[-1][1]
    return f"Event logs {first:%Y-%m-%d} to {last:%Y-%m-%d}."


def _unknown(usage: Usage, objects: list[str]) -> str:
    parts = [usage.words]
    if usage.attributed_share not in (None, 1.0):
        parts.append(f"{1 - (usage.attributed_share or 0):.0%} of calls name no app.")
    if not objects:
        parts.append("No object was seen in this account's calls, which is not the same as none.")
    return " ".join(part for part in parts if part)
