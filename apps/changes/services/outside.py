"""The looks at an applied change that leave the machine, each kept as soon as it is known.

No transaction is open while another system answers. A look that was kept is not repeated, so that
the next worker goes on where a lost one stopped; one that failed ends the round.
"""

from uuid import UUID

from apps.changes import selectors
from apps.changes.kinds import Check, Probe, kind_of
from apps.changes.models import Proposal
from apps.changes.states import State
from apps.common.clock import database_now
from apps.common.scope import scoped


def look_outside(*, tenant_id: UUID, proposal_id: UUID) -> None:
    """Run what is left of an applied proposal's probes. Call it with no scope open."""
    while True:
        with scoped(tenant_id=tenant_id):
            probe = _next_probe(selectors.lock_proposal(proposal_id))
        if probe is None:
            return
        check = probe.run(tenant_id)
        with scoped(tenant_id=tenant_id):
            _keep(selectors.lock_proposal(proposal_id), check)


def is_seen(proposal: Proposal) -> bool:
    """Whether nothing is left to look at outside: all is known, or something failed."""
    return _next_probe(proposal) is None


def progress_of(proposal: Proposal) -> tuple[int, int, str]:
    """How many looks outside passed, of how many, and what is being done."""
    probes = kind_of(proposal.kind).probes(proposal.target)
    done = sum(check["passed"] for check in proposal.checks)
    following = _next_probe(proposal)
    doing = following.doing if following else State(proposal.state).label
    return done, len(probes), doing


def _next_probe(proposal: Proposal) -> Probe | None:
    if proposal.state != State.APPLIED:
        return None
    if any(not check["passed"] for check in proposal.checks):
        return None
    known = {check["name"] for check in proposal.checks}
    probes = kind_of(proposal.kind).probes(proposal.target)
    return next((each for each in probes if each.name not in known), None)


def _keep(proposal: Proposal, check: Check) -> None:
    """Another worker may have been faster; the first word stands."""
    names = {each["name"] for each in proposal.checks}
    if proposal.state != State.APPLIED or check.name in names:
        return
    proposal.checks = [*proposal.checks, check.as_json()]
    proposal.touched_at = database_now()
    proposal.save(update_fields=["checks", "touched_at"])
