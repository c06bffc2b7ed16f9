"""The decision point: may these fields, about people of these places, go there for this?

Pure: no Django, no database, no clock. Who asks is not part of the question, so that an emergency
can widen who may act, never where data may go. Whatever is unknown is denied, by name.
"""

from dataclasses import dataclass

from apps.residency.compiled import STRICTEST_FIRST, CompiledPolicy, Place, Rule
from apps.residency.jurisdictions import NAMES, name_of

ALLOW, MASK, DENY = "allow", "mask", "deny"
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
    effect: str
    rule: str
    reason: str


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
    return _sum_up(findings, policy.hash)


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
    name = f"{flow.object_name}.{field}"
    data_class = policy.class_of(flow.object_name, field)
    if data_class == "never":
        return _Finding(field, DENY, "never-leaves", f"{name} is classified never to leave.")
    if data_class not in CLASS_WORDS:
        return _Finding(field, DENY, "unknown-class", f"{name} has a class nobody knows.")
    about = f"{name} is {CLASS_WORDS[data_class]} and concerns people in {name_of(subject)}"
    where = f"{place.name} ({', '.join(sorted(place.jurisdictions))})"
    rule = _first(policy.table.get((data_class, flow.purpose, place.id), ()), subject)
    if rule is None:
        return _Finding(field, DENY, "no-rule-matched", f"{about}; no rule lets it go to {where}.")
    verb = {ALLOW: "lets it go to", MASK: "masks it on its way to", DENY: "keeps it from"}
    reason = f"{about}; the rule “{rule.name}” {verb[rule.effect]} {where}."
    return _Finding(field, rule.effect, rule.name, reason)


def _first(candidates: tuple[Rule, ...], subject: str) -> Rule | None:
    for rule in candidates:
        if not rule.subjects or subject in rule.subjects:
            return rule
    return None


def _sum_up(findings: list[_Finding], policy_hash: str) -> Verdict:
    effect = min((finding.effect for finding in findings), key=STRICTEST_FIRST.__getitem__)
    if effect == DENY:
        findings = [finding for finding in findings if finding.effect == DENY]
    masked = sorted({finding.field for finding in findings if finding.effect == MASK})
    return Verdict(
        effect=effect,
        masked_fields=tuple(masked),
        rules=tuple(dict.fromkeys(finding.rule for finding in findings)),
        policy_hash=policy_hash,
        reasons=tuple(dict.fromkeys(finding.reason for finding in findings)),
    )


def _refuse(rule: str, reason: str, policy_hash: str) -> Verdict:
    return Verdict(DENY, (), (rule,), policy_hash, (reason,))
