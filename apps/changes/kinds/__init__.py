"""What can be changed by proposal, by the kind's code."""

from apps.changes.kinds.base import Check, Kind, Probe
from apps.changes.kinds.baseline import ScopeBaselineKind
from apps.changes.kinds.connection import ConnectionKind
from apps.changes.kinds.endpoint import EndpointKind
from apps.changes.kinds.networks import TokenNetworksKind
from apps.changes.kinds.org_networks import OrgNetworksKind
from apps.changes.kinds.policy import FlowPolicyKind
from apps.changes.kinds.zone_path import ZonePathKind
from apps.changes.models import Proposal

KINDS: dict[str, Kind] = {
    Proposal.Kind.SCOPE_BASELINE: ScopeBaselineKind(),
    Proposal.Kind.TOKEN_NETWORKS: TokenNetworksKind(),
    Proposal.Kind.ORG_NETWORKS: OrgNetworksKind(),
    Proposal.Kind.CONNECTION: ConnectionKind(),
    Proposal.Kind.FLOW_POLICY: FlowPolicyKind(),
    Proposal.Kind.ENDPOINT: EndpointKind(),
    Proposal.Kind.ZONE_PATH: ZonePathKind(),
}


def kind_of(code: str) -> Kind:
    """The kind of that code. Raises `KeyError` for one that nobody wrote."""
    return KINDS[code]


__all__ = ["KINDS", "Check", "Kind", "Probe", "kind_of"]
