"""The decision point: may these fields, about people of these places, go there for this?

Pure: no Django, no database, no clock. Who asks is not part of the question, so that an emergency
can widen who may act, never where data may go. Whatever is unknown is denied, by name.
"""

from dataclasses import dataclass

from apps.residency.compiled import STRICTEST_FIRST, CompiledPolicy, Place, Rule
from apps.residency.jurisdictions import NAMES, name_of

ALLOW, MASK, DENY = "allow", "mask", "deny"
MOST_NAMED = 4  # countries in one sentence
CLASS_WORDS = {"fit": "fit for models", "restricted": "restricted", "never": "never to leave"}


@dataclass(frozen=True, slots=True)
class Flow:
    """Fields of one object, whose people they concern, what for, and the zone they would enter."""

    object_name: str
    fields: tuple[str, ...]
    subject_jurisdictions: tuple[str, ...]
    purpose: str
    destination_zone: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may happen: the strictest effect over all fields, and how it came about.

    `rules` are the names that decided (built-in ones where no row spoke); `reasons` are sentences.
    """

    effect: str
    masked_fields: tuple[str, ...]
    rules: tuple[str, ...]
    policy_hash: str
    reasons: tuple[str, ...]

    @property
    def permits(self) -> bool:
        """Whether anything may leave at all."""
        return self.effect in {ALLOW, MASK}


@dataclass(frozen=True, slots=True)
class _Finding:
    field: str
    subject: str
    data_class: str
    effect: str
    rule: str


def decide(flow: Flow, policy: CompiledPolicy | None) -> Verdict:
    """The verdict on a flow: each field's strictest rule, and of all fields the strictest."""
    if policy is None:
        return _refuse("no-policy", "No flow policy has been published, so nothing may leave.", "")
    unknown = _unknown(flow, policy)
    if unknown:
        return _refuse(*unknown, policy.hash)
    place = policy.places[flow.destination_zone or ""]
    findings = [
        _judge(flow, policy, place, field, subject)
        for field in sorted(set(flow.fields))
        for subject in sorted(set(flow.subject_jurisdictions))
    ]
    return _sum_up(findings, flow.object_name, place, policy.hash)


def _unknown(flow: Flow, policy: CompiledPolicy) -> tuple[str, str] | None:
    """The built-in rule that refuses a question with an unknown in it, with its words."""
    if not flow.fields:
        return "no-fields", "The flow names no fields, so there is nothing to permit."
    if flow.purpose not in policy.purposes:
        return "unknown-purpose", f"“{flow.purpose}” is no purpose that the policy knows."
    if not flow.subject_jurisdictions:
        return "unknown-jurisdiction", "It is not known under whose law the data's people fall."
    for code in flow.subject_jurisdictions:
        if code not in NAMES:
            return "unknown-jurisdiction", f"“{code}” is no known jurisdiction."
    if not flow.destination_zone:
        return "destination-without-zone", "The destination belongs to no residency zone."
    place = policy.places.get(flow.destination_zone)
    if place is None:
        return "destination-without-zone", "The destination's zone is not in the published policy."
    if not place.jurisdictions or place.jurisdictions - NAMES.keys():
        return "unknown-jurisdiction", f"It is not known where the zone {place.name} lies."
    return None


def _judge(flow: Flow, policy: CompiledPolicy, place: Place, field: str, subject: str) -> _Finding:
    data_class = policy.class_of(flow.object_name, field)
    if data_class not in CLASS_WORDS:
        return _Finding(field, subject, data_class, DENY, "unknown-class")
    if data_class == "never":
        return _Finding(field, subject, data_class, DENY, "never-leaves")
    rule = _first(policy.table.get((data_class, flow.purpose, place.id), ()), subject)
    effect, name = (rule.effect, rule.name) if rule else (DENY, "no-rule-matched")
    return _Finding(field, subject, data_class, effect, name)


def _first(candidates: tuple[Rule, ...], subject: str) -> Rule | None:
    for rule in candidates:
        if not rule.subjects or subject in rule.subjects:
            return rule
    return None


def _sum_up(findings: list[_Finding], object_name: str, place: Place, policy_hash: str) -> Verdict:
    effect = min((finding.effect for finding in findings), key=STRICTEST_FIRST.__getitem__)
    if effect == DENY:
        findings = [finding for finding in findings if finding.effect == DENY]
    masked = sorted({finding.field for finding in findings if finding.effect == MASK})
    return Verdict(
        effect=effect,
        masked_fields=tuple(masked),
        rules=tuple(dict.fromkeys(finding.rule for finding in findings)),
        policy_hash=policy_hash,
        reasons=_reasons(findings, object_name, place),
    )


def _reasons(findings: list[_Finding], object_name: str, place: Place) -> tuple[str, ...]:
    """One sentence for all fields and countries that the same rule treats the same way."""
    groups: dict[tuple[str, str, str], list[_Finding]] = {}
    for found in findings:
        groups.setdefault((found.data_class, found.effect, found.rule), []).append(found)
    return tuple(
        _sentence(object_name, place, group[0], _fields(group), _subjects(group))
        for group in groups.values()
    )


def _sentence(
    object_name: str, place: Place, like: _Finding, fields: list[str], subjects: list[str]
) -> str:
    names = _listed([f"{object_name}.{name}" for name in fields])
    one = len(fields) == 1
    verb, them = ("is", "it") if one else ("are", "them")
    if like.rule == "unknown-class":
        return f"{names} {verb} of a class that nobody knows."
    about = f"{names} {verb} {CLASS_WORDS[like.data_class]}"
    if like.rule == "never-leaves":
        return f"{about}."
    people = f"{about} and concern{'s' if one else ''} people in {_listed(subjects)}"
    where = f"{place.name} ({', '.join(sorted(place.jurisdictions))})"
    if like.rule == "no-rule-matched":
        return f"{people}; no rule lets {them} go to {where}."
    if like.effect == ALLOW:
        return f"{people}; the rule “{like.rule}” lets {them} go to {where}."
    act = f"masks {them} on the way to" if like.effect == MASK else f"keeps {them} from"
    return f"{people}; the rule “{like.rule}” {act} {where}."


def _fields(group: list[_Finding]) -> list[str]:
    return list(dict.fromkeys(finding.field for finding in group))


def _subjects(group: list[_Finding]) -> list[str]:
    names = sorted({name_of(finding.subject) for finding in group})
    if len(names) > MOST_NAMED:
        return [*names[: MOST_NAMED - 1], f"{len(names) - MOST_NAMED + 1} more countries"]
    return names


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _refuse(rule: str, reason: str, policy_hash: str) -> Verdict:
    return Verdict(DENY, (), (rule,), policy_hash, (reason,))
