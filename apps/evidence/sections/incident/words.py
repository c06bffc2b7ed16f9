"""How the lines of an incident read in the pack's language."""

from typing import Any

from apps.changes.models import Proposal
from apps.crm.diagnosis.causes import cause_named
from apps.crm.models import Trouble
from apps.evidence.pack.content import Result
from apps.evidence.sections.brief import Brief
from apps.posture.models import Finding, Revocation, RevokedGrant

_DONE = (RevokedGrant.State.GONE, RevokedGrant.State.MISSING)


def cause_words(brief: Brief, trouble: Trouble) -> str:
    """What keeps the console out."""
    return brief.say.choice("cause", trouble.cause, cause_named(trouble.cause).title)


def trouble_words(brief: Brief, trouble: Trouble) -> str:
    """The cause, as sure as it is, and how often it was met."""
    key = "incident.certain" if trouble.certain else "incident.probable"
    return brief.say(key, what=cause_words(brief, trouble), times=trouble.times)


def trouble_state(brief: Brief, trouble: Trouble) -> str:
    """Since when it is over, or when the console asks again."""
    if trouble.ended_at:
        return brief.say("incident.over", at=brief.moment(trouble.ended_at))
    if trouble.retry_at:
        return brief.say("incident.open_retry", at=brief.moment(trouble.retry_at))
    return brief.say("incident.open_somebody")


def anomaly_words(brief: Brief, data: dict[str, Any]) -> str:
    """What was noticed: the recorded sentence, or its kind and what it was about."""
    code, recorded = str(data.get("code", "")), str(data.get("words", ""))
    if brief.say.code == "en":
        return recorded or code
    kind = brief.say.choice("anomaly", code, recorded or code)
    about = str(data.get("about", ""))
    return f"{kind}: {about}" if about and kind != recorded else kind


def anomaly_subject(data: dict[str, Any]) -> str:
    """The subject of the finding that an anomaly becomes."""
    parts = (str(data.get("code", "anomaly")), str(data.get("about", "")))
    return "|".join(part for part in parts if part)


def finding_title(found: Finding) -> str:
    """As it was recorded: accounts bear the org's ids, never names."""
    return found.title.replace("`", "")


def finding_state(brief: Brief, found: Finding) -> str:
    """How far it is."""
    return brief.say.choice("finding_state", found.state, found.get_state_display())


def open_result(found: Finding) -> Result | None:
    """How bad it is that the finding is not settled; None once it is proven gone."""
    if found.state == Finding.State.VERIFIED:
        return None
    if found.state == Finding.State.FIXED:
        return "unknown"  # said, not proven
    if found.state == Finding.State.ACCEPTED:
        return "attention"
    return "danger" if found.level == Finding.Level.ERROR else "attention"


def change_words(brief: Brief, proposal: Proposal) -> str:
    """What is changed of what."""
    kind = brief.say.choice("change_kind", proposal.kind, proposal.get_kind_display())
    return f"{kind}: {proposal.target_name}"


def change_state(brief: Brief, proposal: Proposal) -> str:
    """How far it is."""
    return brief.say.choice("change", proposal.state, proposal.get_state_display())


def revocation_words(brief: Brief, revocation: Revocation) -> str:
    """Whose access, by the org's id, and how much of it is proven gone."""
    grants = revocation.grants.all()
    of = brief.say.choice("revoked_of", revocation.of, revocation.get_of_display())
    gone = sum(grant.state in _DONE for grant in grants)
    return brief.say(
        "incident.revocation", of=of, ref=revocation.target_ref, gone=gone, grants=len(grants)
    )


def revocation_state(brief: Brief, revocation: Revocation) -> str:
    """How far it is."""
    return brief.say.choice("revocation", revocation.state, revocation.get_state_display())


def revocation_result(revocation: Revocation) -> Result | None:
    """None once a read of the org has shown everything gone."""
    if revocation.state == Revocation.State.VERIFIED:
        return None
    return "danger" if revocation.state == Revocation.State.EXCEPTIONS else "unknown"
