"""The least permission set that covers what an account was seen doing. Never applied by itself."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from apps.crm.eventlogs.usage import ObjectUse, Usage
from apps.posture.scopes.reaching import Reach

# What a call needs of the object. PATCH by an external id may create (REST API, Upsert); the
# platform wants Read for all others and Edit for Delete.
_NEEDS = {
    "POST": "CR", "INSERT": "CR", "CREATE": "CR", "PUT": "CRE", "PATCH": "CRE", "UPSERT": "CRE",
    "UPDATE": "RE", "DELETE": "RED", "HARDDELETE": "RED",
}  # fmt: skip
WORDS = {"C": "create", "R": "read", "E": "edit", "D": "delete", "V": "view all", "M": "modify all"}
_FLAGS = (
    ("allowCreate", "C"), ("allowDelete", "D"), ("allowEdit", "E"), ("allowRead", "R"),
    ("modifyAllRecords", "M"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One object: what the account is given now, and what would be enough. Letters of CREDVM."""

    name: str
    held: str
    enough: str
    fields: tuple[tuple[str, str], ...] = ()
    """`Object.Field` with R or RE, as given now; none are known of objects nobody watches."""

    @property
    def surplus(self) -> str:
        """What it is given and was not seen to need."""
        return "".join(letter for letter in self.held if letter not in self.enough)

    @property
    def held_words(self) -> str:
        return words_of(self.held)

    @property
    def enough_words(self) -> str:
        return words_of(self.enough)

    @property
    def surplus_words(self) -> str:
        return words_of(self.surplus)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What covers the observed use, object by object, or why nothing can be proposed."""

    lines: tuple[Line, ...]
    apps: tuple[str, ...]
    everything: tuple[str, ...]
    window: str
    unknown: str

    @property
    def needed(self) -> list[Line]:
        """The objects that were seen in use."""
        return [line for line in self.lines if line.enough]

    @property
    def idle(self) -> list[Line]:
        """The objects that the account is given and was not seen to use."""
        return [line for line in self.lines if not line.enough]


def propose(
    usage: Usage, used: Sequence[ObjectUse], reach: Reach, *, user_id: str, watched: Sequence[str]
) -> Proposal:
    """What covers the observed use of one account in a window, beside what it is given.

    A call that could need more than is given now succeeded without it, so no more is proposed.
    """
    own = [
        use for use in usage.apps if any(user[:15] == user_id[:15] for user in use.users if user)
    ]
    seen = {use.name: _letters(use.verbs) for use in used if use.name}
    lines = []
    for name in sorted({*seen, *reach.objects}):
        held, enough = reach.objects.get(name, ""), seen.get(name, "")
        if held and not reach.everything:
            enough = "".join(letter for letter in enough if letter in held)
        lines.append(Line(name, held, enough, _fields(name, enough, reach)))
    return Proposal(
        lines=tuple(lines),
        apps=tuple(use.app_name or use.app_id for use in own),
        everything=reach.everything,
        window=_window(usage),
        unknown=_unknown(usage, used, reach, set(watched)),
    )


def words_of(letters: str) -> str:
    """Letters of CREDVM in words."""
    return ", ".join(WORDS[letter] for letter in "RCEDVM" if letter in letters)


def permission_set_xml(proposal: Proposal) -> str:
    """The proposal as a permission set in metadata format (Metadata API, PermissionSet), with its
    elements in the order of their names, as the platform writes them."""
    note = f"Proposed from observed use. {proposal.window} {proposal.unknown}".strip()
    fields = [pair for line in proposal.needed for pair in line.fields]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata">',
        f"    <description>{escape(note[:255])}</description>",
        *(text for name, letters in fields for text in _field_xml(name, letters)),
        "    <hasActivationRequired>false</hasActivationRequired>",
        "    <label>Least access, proposed</label>",
        *(text for line in proposal.needed for text in _object_xml(line)),
        "    <userPermissions>",
        "        <enabled>true</enabled>",
        "        <name>ApiEnabled</name>",
        "    </userPermissions>",
    ]
    return "\n".join([*lines, "</PermissionSet>", ""])


def proposal_csv(proposal: Proposal) -> str:
    """Every object and field: what is given, what would be enough, what would go."""
    told = io.StringIO()
    rows = csv.writer(told, lineterminator="\r\n")
    rows.writerow(["what", "name", "given", "enough", "would go"])
    for line in proposal.lines:
        rows.writerow(["object", line.name, line.held_words, line.enough_words, line.surplus_words])
        for name, letters in line.fields:
            rows.writerow(["field", name, words_of(letters), words_of(letters), ""])
    for name in proposal.everything:
        rows.writerow(["permission", name, "yes", "", "yes"])
    return told.getvalue()


def _letters(verbs: Iterable[str]) -> str:
    needed = {letter for verb in verbs for letter in _NEEDS.get(verb.upper(), "R")} | {"R"}
    return "".join(letter for letter in "CREDVM" if letter in needed)


def _fields(name: str, enough: str, reach: Reach) -> tuple[tuple[str, str], ...]:
    """The fields of a used object as given now; edited only where the object is."""
    if not enough:
        return ()
    start, edits = f"{name}.".casefold(), set("CE") & set(enough)
    return tuple(
        (field, letters if edits else "R")
        for field, letters in sorted(reach.fields.items())
        if field.casefold().startswith(start)
    )


def _object_xml(line: Line) -> Iterator[str]:
    yield "    <objectPermissions>"
    for flag, letter in _FLAGS:
        yield f"        <{flag}>{str(letter in line.enough).lower()}</{flag}>"
    yield f"        <object>{escape(line.name)}</object>"
    yield "        <viewAllRecords>false</viewAllRecords>"
    yield "    </objectPermissions>"


def _field_xml(name: str, letters: str) -> Iterator[str]:
    yield "    <fieldPermissions>"
    yield f"        <editable>{str('E' in letters).lower()}</editable>"
    yield f"        <field>{escape(name)}</field>"
    yield "        <readable>true</readable>"
    yield "    </fieldPermissions>"


def _window(usage: Usage) -> str:
    if not usage.observed:
        return "No event logs were taken."
    first, last = usage.observed[0][0], usage.observed[-1][1]
    return f"Event logs {first:%Y-%m-%d} to {last:%Y-%m-%d}."


def _unknown(usage: Usage, used: Sequence[ObjectUse], reach: Reach, watched: set[str]) -> str:
    parts = [usage.words]
    if usage.attributed_share not in (None, 1.0):
        parts.append(f"{1 - (usage.attributed_share or 0):.0%} of calls name no app.")
    if nameless := sum(use.calls for use in used if not use.name):
        parts.append(f"{nameless:,} of its calls name no object.")
    seen = [use.name for use in used if use.name]
    if not seen:
        parts.append("No object was seen in this account's calls, which is not the same as none.")
    if reach.is_unknown:
        parts.append("Part of what it is given could not be read.")
    known = {name.casefold() for name in watched}
    if blind := [name for name in seen if name.casefold() not in known]:
        parts.append(f"Fields of {', '.join(blind[:5])} were not read; no purpose names them.")
    return " ".join(part for part in parts if part)
