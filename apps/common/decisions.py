"""The answer of a policy. Silence means no."""

from dataclasses import dataclass

from apps.common.errors import Denied


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether something may happen, which rule said so, and words for the person."""

    allowed: bool = False
    rule: str = "no-rule-matched"
    reason: str = "No rule allows this."

    def require(self) -> None:
        """Raise `Denied` with the deciding rule unless this decision allows."""
        if not self.allowed:
            raise Denied(self.reason, rule=self.rule)


def allow(rule: str) -> Decision:
    """A yes, with the rule that gave it."""
    return Decision(allowed=True, rule=rule, reason="")


def deny(rule: str, reason: str) -> Decision:
    """A no, with the rule and a sentence that says what would have to be different."""
    return Decision(allowed=False, rule=rule, reason=reason)


def first_denial(*decisions: Decision) -> Decision:
    """The first no, else the last yes; no decisions at all are a no."""
    for decision in decisions:
        if not decision.allowed:
            return decision
    return decisions[-1] if decisions else Decision()
